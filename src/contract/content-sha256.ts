import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

/** What a person decides about. Everything else of an approval may change without changing what is approved. */
export interface ApprovalContent {
  readonly project_name: string;
  readonly plan: string;
  readonly affected_files: readonly string[];
}

/**
 * The digest of what a page shows, as the server has it: SHA-256 of the RFC 8785 form, lower-case hex. Not the browser's own SHA-256,
 * which pages at an address without https do not have.
 */
export function contentSha256({ project_name, plan, affected_files }: ApprovalContent): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize({ project_name, plan, affected_files }) ?? "")));
}
