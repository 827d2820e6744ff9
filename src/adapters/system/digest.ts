import { hash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Digest } from "../../core/index.ts";

export const systemDigest: Digest = {
  sha256: (text) => hash("sha256", text, "base64url"),
  contentSha256: (content) => hash("sha256", canonicalize(content) ?? "", "hex"),
};
