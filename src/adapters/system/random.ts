import { randomBytes } from "node:crypto";
import type { Random } from "../../core/index.ts";

export const systemRandom: Random = { token: (bytes) => randomBytes(bytes).toString("base64url") };
