import type { ReactNode } from "react";
import type { Approval } from "../data/approval.ts";
import { fill } from "../parts/sentence.tsx";

/** The requester, as the request names them. */
export function RequestedBy({ approval: { requested_by } }: { readonly approval: Approval }): ReactNode {
  return requested_by === undefined ? null : <span>{fill("approvals.by", { name: <bdi>{requested_by}</bdi> })}</span>;
}
