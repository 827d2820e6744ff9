import { OPERATIONS, type Operation, type OperationName } from "../contract/operations.ts";
import { checkLevel, type Device } from "../core/index.ts";

/** Rejects a phone whose level is below that of the operation, over whichever transport it asks. */
export function checkOperationLevel(name: OperationName, phone: Device): void {
  const { level }: Operation = OPERATIONS[name];
  if (level !== undefined) checkLevel(phone, level);
}
