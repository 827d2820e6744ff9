import { present } from "../../base/present.ts";

/** One thing that doctor checked. */
export interface Check {
  /** A stable word for programs. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly state: "ok" | "warning" | "failed";
  /** What was found. */
  readonly seen: string;
  /** What to do about it, where `seen` does not say it. */
  readonly todo?: string;
}

/** The result of a check, without its name. */
export type Finding = Omit<Check, "name" | "title">;

export function ok(seen: string): Finding {
  return { state: "ok", seen };
}

export function warning(seen: string, todo?: string): Finding {
  return { state: "warning", seen, ...present({ todo }) };
}

export function failed(seen: string, todo?: string): Finding {
  return { state: "failed", seen, ...present({ todo }) };
}
