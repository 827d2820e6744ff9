import type { settingsPage as english } from "../../en/settings-page/index.ts";
import type { PageTranslation } from "../../translation.ts";
import { access } from "./access.ts";
import { approvals } from "./approvals.ts";
import { audit } from "./audit.ts";
import { claims } from "./claims.ts";
import { devices } from "./devices.ts";
import { delivery, invites } from "./invites.ts";
import { alerts, broken, form, gate, limit, list, page, palette, problem, statusBar, views } from "./page.ts";
import { connectivity, next, onlyHere, pair, qr, reach } from "./pairing.ts";
import { reachability } from "./reachability.ts";
import { adminToken, secrets, settings } from "./settings.ts";
import { providers, sms } from "./sms.ts";
import { desktop, start, updates, welcome } from "./welcome.ts";

export const settingsPage = {
  page,
  views,
  statusBar,
  palette,
  alerts,
  form,
  limit,
  list,
  broken,
  welcome,
  connectivity,
  claims,
  pair,
  reach,
  onlyHere,
  qr,
  next,
  delivery,
  providers,
  invites,
  devices,
  approvals,
  access,
  audit,
  sms,
  reachability,
  adminToken,
  settings,
  start,
  desktop,
  updates,
  secrets,
  gate,
  problem,
} satisfies PageTranslation<typeof english, "de">;
