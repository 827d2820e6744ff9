import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Overview } from "../data/follow-invites.ts";
import { CopyText } from "../parts/copy-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { Ltr } from "../parts/sentence.tsx";

interface PrintedLinkProps {
  readonly code: string | undefined;
  readonly overview: Overview;
}

/** In mock mode: the link that was just made, while it is valid. */
export function PrintedLink({ code, overview }: PrintedLinkProps): ReactNode {
  const { t } = useTranslation();
  const link = code === undefined ? undefined : overview.invites.find(({ invite_code }) => invite_code === code)?.link;
  if (link === undefined) return null;
  return (
    <div className="printed-link">
      <Ltr>{link}</Ltr>
      <div className="actions">
        <a className="button plain" href={link} target="_blank" rel="noreferrer">
          <Icon name="link-external" />
          {t("pair.openPrinted")}
        </a>
        <CopyText text={link} label={t("pair.copyPrinted")} name={(label) => label} refusedLabel={t("invites.copyFailed")} />
      </div>
    </div>
  );
}
