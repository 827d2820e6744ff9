import { messageOf } from "../../base/message-of.ts";
import { Interrupted } from "../interruptions.ts";

/** One line of the checklist, judged. */
export interface Row {
  readonly number: number;
  readonly name: string;
  readonly passed: boolean;
  /** What was seen. */
  readonly reason: string;
  /** What to do about it; there when it failed. */
  readonly todo?: string;
}

/** A row does not hold. The message says what was seen. */
export class RowFault extends Error {
  override readonly name = "RowFault";
  readonly todo: string;

  constructor(seen: string, todo: string) {
    super(seen);
    this.todo = todo;
  }
}

/** A check answers what it saw, or throws. What it could not look at has not passed. */
export async function judge(number: number, name: string, check: () => Promise<string>): Promise<Row> {
  try {
    return { number, name, passed: true, reason: await check() };
  } catch (cause) {
    if (cause instanceof Interrupted) throw cause;
    const reason = messageOf(cause);
    const todo = cause instanceof RowFault ? cause.todo : "Mend what it says, then run verify again.";
    return { number, name, passed: false, reason, todo };
  }
}
