import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** Programs that a person may run beside Top Dog; the address that they print goes into the field above. */
export function OtherTunnels({ phoneDoor }: { readonly phoneDoor: string }): ReactNode {
  const { t } = useTranslation();
  const { port } = new URL(phoneDoor);
  const commands = [
    ["tailscale", `tailscale funnel ${port}`],
    ["devTunnels", `devtunnel host -p ${port} --allow-anonymous`],
    ["ngrok", `ngrok http ${port}`],
  ] as const;
  return (
    <details className="folded">
      <summary>{t("reachability.others")}</summary>
      <p className="quiet-text">{t("reachability.othersHint")}</p>
      <ul className="commands">
        {commands.map(([name, command]) => (
          <li key={name}>
            <strong>{t(`reachability.tools.${name}`)}</strong> <code dir="ltr">{command}</code>
            <span className="quiet-text"> {t(`reachability.toolHints.${name}`)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
