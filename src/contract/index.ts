export { requestOf } from "./call.ts";
export { type AnswerOf, type InputOf, type LimitBucket, OPERATIONS, type Operation, type OperationName } from "./operations.ts";
export {
  type ChangeEvent as NewsItem,
  NEWS_ITEMS,
  PAGE_OPERATIONS,
  type PageOperation,
  type PairingApi,
  type Reply,
  type Route as Place,
  type WindowBridge as DeskBridge,
} from "./pairing-api.ts";
export { type Problem, ProblemBody } from "./problem.ts";

export type {
  DesktopPreferences as DeskPreferences,
  ServerState,
  WindowRequestAnswer as DeskAnswer,
  WindowRequestInput as DeskInput,
} from "./window-request-schemas.ts";
// Hosts import these by their first names.
export { WINDOW_REQUESTS as DESK_QUESTIONS, type WindowRequest as DeskQuestion } from "./window-requests.ts";
