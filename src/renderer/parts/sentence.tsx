import type { ParseKeys } from "i18next";
import { createElement, Fragment, type ReactNode } from "react";
import { t } from "../words/words.ts";

/**
 * A sentence of the catalogue with elements where it has `{{…}}`: names and numbers keep their own direction, and are never read as
 * markup. A part called `count` chooses the plural.
 */
export function fill(key: ParseKeys, parts: Readonly<Record<string, ReactNode>>): ReactNode {
  const { count } = parts;
  // The catalogue's types ask for the values as text; here the gaps stay open.
  const sentence = (t as (key: string, options: object) => string)(key, {
    skipInterpolation: true,
    ...(typeof count === "number" ? { count } : {}),
  });
  // Every second piece is the name of a gap.
  const pieces = sentence.split(/\{\{(\w+)\}\}/).map((piece, index) => (index % 2 === 0 ? piece : parts[piece]));
  return createElement(Fragment, null, ...pieces);
}

/** A phone number, a code or an address: left to right whatever stands around it. */
export function Ltr({ children }: { readonly children: ReactNode }): ReactNode {
  return <bdi dir="ltr">{children}</bdi>;
}

export function PhoneName({ name }: { readonly name: string }): ReactNode {
  return <bdi>{name === "" ? t("devices.nameless") : name}</bdi>;
}

export function numberIn(key: ParseKeys, number: string): ReactNode {
  return fill(key, { number: <Ltr>{number}</Ltr> });
}

export function phoneNameIn(key: ParseKeys, name: string): ReactNode {
  return fill(key, { name: <PhoneName name={name} /> });
}
