import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";

const CONFIRMATION_MS = 2500;

interface CopyTextProps {
  readonly text: string;
  readonly label: string;
  /** Makes the button's whole name from its label. */
  readonly name: (label: string) => string;
  /** The label of the field that shows the text where copying is not allowed. */
  readonly refusedLabel: string;
}

/** Both labels overlap, so that the confirmation moves nothing. Where copying is not allowed, the text is shown selected. */
export function CopyText({ text, label: idle, name, refusedLabel }: CopyTextProps): ReactNode {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  const copied = state === "copied";
  const label = copied ? t("invites.copied") : idle;

  useEffect(() => {
    if (!copied) return undefined;
    const timer = window.setTimeout(() => setState("idle"), CONFIRMATION_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);

  const copy = (): void => {
    const done = (): void => {
      setState("copied");
      notices.say("unseen", t("invites.copied"));
    };
    const refused = (): void => setState("refused");
    if (navigator.clipboard === undefined) refused();
    else navigator.clipboard.writeText(text).then(done, refused);
  };

  return (
    <>
      <Action aria-label={name(label)} onClick={copy}>
        <Icon name={copied ? "check" : "copy"} />
        <span className="stacked">
          <span className={copied ? "off" : ""}>{idle}</span>
          <span className={copied ? "" : "off"}>{t("invites.copied")}</span>
        </span>
      </Action>
      {state === "refused" ? (
        <input
          className="link-text"
          readOnly
          dir="ltr"
          value={text}
          aria-label={refusedLabel}
          ref={(element) => {
            element?.focus();
            element?.select();
          }}
        />
      ) : null}
    </>
  );
}
