import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDesk } from "../data/desk.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";

const CONFIRMED_FOR = 2500;

/** Both labels lie on one another, so that the confirmation moves nothing. Where copying is not allowed, the link is shown selected. */
export function CopyLink({ link, number }: { readonly link: string; readonly number: string }): ReactNode {
  const { t } = useTranslation();
  const { notices } = useDesk();
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  const copied = state === "copied";
  const label = copied ? t("invites.copied") : t("invites.copy");

  useEffect(() => {
    if (!copied) return undefined;
    const timer = window.setTimeout(() => setState("idle"), CONFIRMED_FOR);
    return () => window.clearTimeout(timer);
  }, [copied]);

  const copy = (): void => {
    const done = (): void => {
      setState("copied");
      notices.say("unseen", t("invites.copied"));
    };
    const refused = (): void => setState("refused");
    if (navigator.clipboard === undefined) refused();
    else navigator.clipboard.writeText(link).then(done, refused);
  };

  return (
    <>
      <Action look="plain" aria-label={t("invites.about", { action: label, number })} onClick={copy}>
        <Icon name={copied ? "check" : "copy"} />
        <span className="stacked">
          <span className={copied ? "off" : ""}>{t("invites.copy")}</span>
          <span className={copied ? "" : "off"}>{t("invites.copied")}</span>
        </span>
      </Action>
      {state === "refused" ? (
        <input
          className="link-text"
          readOnly
          dir="ltr"
          value={link}
          aria-label={t("invites.copyFailed")}
          ref={(element) => {
            element?.focus();
            element?.select();
          }}
        />
      ) : null}
    </>
  );
}
