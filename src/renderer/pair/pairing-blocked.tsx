import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Overview } from "../data/follow-invites.ts";
import { IconText } from "../parts/icon-text.tsx";

interface PairingBlockedProps {
  /** For the button that this explains. */
  readonly id: string;
  readonly secrets: Overview["secrets"];
}

/** Why no phone can be paired, beside the button that this disables. Nothing while phones can be paired. */
export function PairingBlocked({ id, secrets }: PairingBlockedProps): ReactNode {
  const { t } = useTranslation();
  if (secrets.can_pair) return null;
  return (
    <IconText icon="lock" id={id} className="check">
      {t("pair.blocked")} {secrets.sentence}
    </IconText>
  );
}
