import type { SmsSettings } from "../data/page-state.ts";
import type { SmsDraft, SmsFaults, SmsField } from "./sms-draft.ts";

/** What each field of the form works with. */
export interface SmsFormPart {
  readonly settings: SmsSettings;
  readonly draft: SmsDraft;
  readonly faults: SmsFaults;
  /** How often it was saved: what belongs to one draft begins anew with the next. */
  readonly saves: number;
  readonly change: (part: SmsDraft) => void;
  /** A field was left with this text in it. */
  readonly leave: (field: SmsField, text: string) => void;
}
