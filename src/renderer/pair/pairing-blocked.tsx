import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Overview } from "../data/follow-invites.ts";
import { Icon } from "../parts/icon.tsx";

interface PairingBlockedProps {
  /** For the button that this explains. */
  readonly id: string;
  readonly secrets: Overview["secrets"];
}

/** Why no link is sent and no QR code is made, beside the button that would. Nothing while phones can be paired. */
export function PairingBlocked({ id, secrets }: PairingBlockedProps): ReactNode {
  const { t } = useTranslation();
  if (secrets.can_pair) return null;
  return (
    <p id={id} className="check">
      <Icon name="lock" />
      <span>
        {t("pair.blocked")} {secrets.sentence}
      </span>
    </p>
  );
}
