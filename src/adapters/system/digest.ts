import { hash } from "node:crypto";
import type { Digest } from "../../core/index.ts";

export const systemDigest: Digest = { sha256: (text) => hash("sha256", text, "base64url") };
