import type { ReactNode } from "react";
import { fill } from "../parts/sentence.tsx";
import type { Approval } from "./approval-words.ts";

/** Who asks, by their own word; nothing where nobody said. */
export function RequestedBy({ approval: { requested_by } }: { readonly approval: Approval }): ReactNode {
  return requested_by === undefined ? null : <span>{fill("approvals.by", { name: <bdi>{requested_by}</bdi> })}</span>;
}
