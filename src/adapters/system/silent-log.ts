import type { Log } from "../../core/index.ts";

/** For what only reads, and says by its errors what went wrong. */
export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
