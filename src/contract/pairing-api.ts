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
  "changeDevice",
  "confirmDevice",
  "listClaims",
  "confirmClaim",
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
  "listWindows",
  "endWindow",
  "rotateLocalKey",
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

/** An error crosses IPC as a value: Electron keeps only the message of a thrown one. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem & { readonly retry_after?: number } };

export const NEWS_ITEMS = ["invites", "devices", "sms", "settings", "approvals", "messages", "reachability", "audit"] as const;
export type ChangeEvent = (typeof NEWS_ITEMS)[number];

/** The routes of the page that menu entries and deep links open. */
export type Route = "pair" | "claims" | "devices" | "approvals" | `device:${string}`;

/**
 * Everything the settings page may request, over IPC in Electron and over HTTP in a browser. Change events carry no data: the
 * page reads again.
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
  /** The page listens from now on; queued events are sent. */
  readonly ready: () => unknown;
};
