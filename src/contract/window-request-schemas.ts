import * as z from "zod";
import { LANGUAGE_TAGS } from "../words/languages.ts";
import type { WindowRequest } from "./window-requests.ts";

/** How the last start of the pairing server ended, and what a next one needs to succeed. */
export const ServerState = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("running") }),
  z.object({
    kind: z.literal("failed"),
    sentence: z.string(),
    fault: z.enum(["local-port", "phone-port", "folder", "other"]),
    value: z.string().describe("The port or folder that could not be used."),
    fixed: z.boolean().describe("It comes from the environment: only there can it be changed."),
    way_back: z
      .enum(["previous", "default", "aside"])
      .optional()
      .describe("What goBack would do: take back what was changed since it last ran, or that one setting, or move a damaged file aside."),
  }),
]);
export type ServerState = z.output<typeof ServerState>;

/** Absent where the host decides it, as an IDE that embeds the page does. */
export const DesktopPreferences = z.object({
  language: z.enum(LANGUAGE_TAGS).optional().describe("That the page is shown in, and answered in. It is set, never answered."),
  close_to_tray: z.boolean().optional(),
  start_at_login: z.boolean().optional(),
  look_for_updates: z.boolean().optional().describe("Absent also where this package has nowhere to look."),
});
export type DesktopPreferences = z.output<typeof DesktopPreferences>;

/** The state of the app's update. */
export const UpdateState = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("unavailable") }),
  z.object({ kind: z.literal("idle") }),
  z.object({ kind: z.literal("checking") }),
  z.object({ kind: z.literal("latest"), version: z.string() }),
  z.object({ kind: z.literal("loading"), version: z.string(), percent: z.number().int().min(0).max(100) }),
  z.object({ kind: z.literal("ready"), version: z.string() }),
  z.object({ kind: z.literal("failed"), sentence: z.string() }),
]);
export type UpdateState = z.output<typeof UpdateState>;

const Nothing = z.strictObject({});
const Port = z.number().int().min(0).max(65535);

export const WINDOW_REQUEST_SCHEMAS = {
  /** Resolves once a start in progress has ended. */
  serverState: { input: Nothing, answer: ServerState },
  /** Tries again, on another port where one is named (0: any that is free). */
  startServer: { input: z.strictObject({ local_port: Port.optional(), phone_port: Port.optional() }), answer: ServerState },
  /** Restarts the server with the saved settings. */
  restartServer: { input: Nothing, answer: ServerState },
  /** Applies the recovery that a failed start offers, and starts again. */
  goBack: { input: Nothing, answer: ServerState },
  /** Lets the person choose another storage folder, and starts again. */
  chooseFolder: { input: Nothing, answer: ServerState },
  preferences: { input: Nothing, answer: DesktopPreferences },
  setPreferences: {
    input: DesktopPreferences.strict(),
    answer: DesktopPreferences.extend({ problem: z.string().optional().describe("Why a preference could not be set.") }),
  },
  updateState: { input: Nothing, answer: UpdateState },
  /** Checks for a newer version and downloads it. */
  lookForUpdates: { input: Nothing, answer: UpdateState },
  /** Restarts the app into the downloaded version. */
  installUpdate: { input: Nothing, answer: UpdateState },
} as const satisfies Record<WindowRequest, { readonly input: z.ZodType; readonly answer: z.ZodType }>;

export type WindowRequestInput<Q extends WindowRequest> = z.output<(typeof WINDOW_REQUEST_SCHEMAS)[Q]["input"]>;
export type WindowRequestAnswer<Q extends WindowRequest> = z.output<(typeof WINDOW_REQUEST_SCHEMAS)[Q]["answer"]>;
