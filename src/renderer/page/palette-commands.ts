import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useDevices } from "../data/lists.ts";
import { type PageState, useHostSettings, usePageState } from "../data/page-state.ts";
import type { PagePlace } from "../data/places.ts";
import { VIEWS, type View } from "../data/views.ts";
import type { IconName } from "../parts/icon.tsx";
import { labelOf } from "../settings/settings-draft.ts";

export interface Command {
  readonly id: string;
  readonly icon: IconName;
  readonly label: string;
  /** What it is, where the label alone does not say it. */
  readonly kind?: string;
  readonly run: () => void;
}

const VIEW_ICONS: Readonly<Record<View, IconName>> = { phones: "phone", approvals: "pass", activity: "waiting", settings: "gear" };

const PLACES = [
  ["pair", "plus", "palette.pair"],
  ["qr", "phone", "palette.qr"],
  ["claims", "phone", "palette.claims"],
  ["reachability", "globe", "reachability.heading"],
  ["sms", "comment", "sms.heading"],
] as const satisfies readonly (readonly [PagePlace, IconName, string])[];

const MAX_SHOWN = 12;

/** The commands, phones and settings that match what is typed, the best first. The server searches among the phones. */
export function useCommands(typed: string, searched: string): readonly Command[] {
  const { t } = useTranslation();
  const state = usePageState();
  const phones = useDevices("live", searched).items;
  const settings = useHostSettings().data?.settings ?? [];
  const words = wordsOf(typed);
  const fixed = fixedCommands(state, t);
  if (words.length === 0) return fixed;
  const found = [
    ...fixed,
    ...phones.map(
      ({ device_id, device_name }): Command => ({
        id: `device-${device_id}`,
        icon: "phone",
        label: device_name || t("devices.nameless"),
        kind: t("palette.phone"),
        run: () => state.places.open(`device:${device_id}`),
      }),
    ),
    ...settings.map(
      ({ name }): Command => ({
        id: `setting-of-${name}`,
        icon: "gear",
        label: labelOf(name),
        kind: t("palette.setting"),
        run: () => state.places.open(`setting:${name}`),
      }),
    ),
  ].filter(({ label, kind = "" }) => words.every((word) => `${label} ${kind}`.toLowerCase().includes(word)));
  const [first = ""] = words;
  const isExact = ({ label }: Command): boolean => label.toLowerCase().startsWith(first);
  return [...found.filter(isExact), ...found.filter((command) => !isExact(command))].slice(0, MAX_SHOWN);
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

function fixedCommands({ places, views }: PageState, t: TFunction): readonly Command[] {
  return [
    ...PLACES.map(
      ([place, icon, label]): Command => ({
        id: `place-${place}`,
        icon,
        label: t(label),
        run: () => places.open(place),
      }),
    ),
    ...VIEWS.map(
      (view): Command => ({
        id: `view-${view}`,
        icon: VIEW_ICONS[view],
        label: t("palette.show", { view: t(`views.${view}`) }),
        run: () => views.show(view),
      }),
    ),
  ];
}
