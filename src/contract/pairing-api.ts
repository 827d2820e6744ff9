import type { AnswerOf, InputOf, OperationName } from "./operations.ts";
import type { Problem } from "./problem.ts";
import type { WindowRequestAnswer, WindowRequestInput } from "./window-request-schemas.ts";
import type { WindowRequest } from "./window-requests.ts";

/** The operations that the settings page uses; on the desktop each is one IPC channel. */
export const PAGE_OPERATIONS = [
  "overview",
  "readPhoneNumber",
  "sendInvite",
  "resendInvite",
  "generateQr",
  "findInvites",
  "cancelSession",
  "listDevices",
  "findDevices",
  "listSessions",
  "renameDevice",
  "revokeDevice",
  "suspendDevice",
  "reactivateDevice",
  "testDevice",
  "revokeAllDevices",
  "listAudit",
  "smsSettings",
  "saveSmsSettings",
  "testSmsConnection",
  "sendTestSms",
  "hostSettings",
  "saveHostSettings",
  "adminToken",
  "saveAdminToken",
  "removeAdminToken",
  "saveWelcome",
  "checkReach",
  "reachability",
  "saveReachability",
  "startTunnel",
  "stopTunnel",
  "checkSecrets",
  "moveSecrets",
  "listApprovals",
  "decideAtComputer",
  "listNotifications",
] as const satisfies readonly OperationName[];

export type PageOperation = (typeof PAGE_OPERATIONS)[number];

/** A refusal travels as a value: Electron carries only an error's message across processes. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem & { readonly retry_after?: number } };

export const NEWS_ITEMS = ["invites", "devices", "sms", "settings", "approvals", "messages", "reachability", "audit"] as const;
export type ChangeEvent = (typeof NEWS_ITEMS)[number];

/** Where in the page a menu entry or a deep link may lead. */
export type Route = "pair" | "devices" | "approvals" | `device:${string}`;

/**
 * All that the settings page may ask, whichever way it runs: over IPC in Electron, over HTTP in a browser.
 * News carries no data; the page reads again.
 */
export type PairingApi = {
  readonly [N in PageOperation]: (input: InputOf<N>) => Promise<Reply<AnswerOf<N>>>;
} & {
  readonly onNews: (listener: (item: ChangeEvent) => void) => () => void;
};

/** What the preload shows the page as `window.topdog`. */
export type WindowBridge = PairingApi & {
  readonly [Q in WindowRequest]: (input: WindowRequestInput<Q>) => Promise<WindowRequestAnswer<Q>>;
} & {
  readonly onOpen: (listener: (place: Route) => void) => unknown;
  /** The page listens from now on: what was told before is sent. */
  readonly ready: () => unknown;
};
