import type { Alert, Pairing } from "../core/index.ts";

/** Calls back for each alert from now on. Returns a function that stops. */
export function followAlerts(pairing: Pick<Pairing, "recentAlerts" | "listen">, raised: (alert: Alert) => void): () => void {
  let newest = pairing.recentAlerts()[0]?.id;
  return pairing.listen((item) => {
    if (item !== "invites") return;
    const alerts = pairing.recentAlerts();
    const known = alerts.findIndex(({ id }) => id === newest);
    newest = alerts[0]?.id;
    for (const alert of alerts.slice(0, known === -1 ? undefined : known).reverse()) raised(alert);
  });
}
