import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface DismissProps {
  /** The button's whole name, where "Dismiss" alone would not say what. */
  readonly name?: string;
  readonly className?: string;
  readonly onDismiss: () => void;
}

export function Dismiss({ name, className = "", onDismiss }: DismissProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Action
      variant="quiet"
      className={`small ${className}`}
      aria-label={name ?? t("page.dismiss")}
      title={t("page.dismiss")}
      onClick={onDismiss}
    >
      <Icon name="close" />
    </Action>
  );
}
