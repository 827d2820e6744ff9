import type { SmsSettings } from "../data/page-state.ts";
import type { DraftForm } from "../parts/use-draft-form.ts";
import type { SmsChange, SmsDraft, SmsFault, SmsField } from "./sms-draft.ts";

/** The part of the form that its fields use. */
export interface SmsFormPart extends Pick<DraftForm<SmsDraft, SmsChange, SmsFault>, "draft" | "faults" | "resets" | "edit"> {
  readonly settings: SmsSettings;
  /** Checks the text of a field that was left. */
  readonly leave: (field: SmsField, text: string) => void;
}
