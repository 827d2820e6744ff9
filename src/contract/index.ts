export { DESK_QUESTIONS, type DeskQuestion } from "./desk-questions.ts";
export type { DeskAnswer, DeskInput, DeskPreferences, ServerState } from "./desk-schemas.ts";
export { type AnswerOf, type InputOf, type LimitBucket, OPERATIONS, type Operation, type OperationName } from "./operations.ts";
export {
  type DeskBridge,
  NEWS_ITEMS,
  type NewsItem,
  PAGE_OPERATIONS,
  type PageOperation,
  type PairingApi,
  type Place,
  type Reply,
} from "./pairing-api.ts";
export { type Problem, ProblemBody } from "./problem.ts";
export { requestOf } from "./request.ts";
