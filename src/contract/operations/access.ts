import * as z from "zod";
import { Id, Time } from "../fields.ts";
import type { Operation } from "./operation.ts";

/** Who may act at this computer. */
export const ACCESS = {
  readCaller: {
    method: "GET",
    path: "/admin/session",
    door: "local",
    caller: "anonymous",
    limit: "other",
    summary: "What the caller is to this server: anonymous, local, window or admin",
    answer: z.object({
      caller: z.enum(["anonymous", "local", "window", "admin"]),
      run_id: z.string().describe("Another one after each start of the server."),
      admin_required: z.boolean().describe("PHONE_DEVICES_REQUIRE_ADMIN is set."),
    }),
    errors: [],
  },
  openWindow: {
    method: "POST",
    path: "/admin/session",
    door: "local",
    caller: "anonymous",
    limit: "other",
    summary: "Exchange the secret of the server's link for the key of a settings page",
    body: z.object({ open: z.string().max(64).describe("What follows #open= in the link that the server prints.") }),
    answer: z.object({
      window_key: z.string().describe("Send it as x-window-key."),
      expires_at: Time.describe("Without use until then; each use puts it off."),
    }),
    errors: ["window_required", "rate_limited"],
  },
  listWindows: {
    method: "GET",
    path: "/admin/windows",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "The settings pages in browsers that act for the person at this computer",
    answer: z.object({
      windows: z.array(
        z.object({
          window_id: Id,
          opened_at: Time,
          last_used: Time,
          user_agent: z.string().optional(),
          current: z.boolean().describe("It is the one that asks."),
        }),
      ),
    }),
    errors: [],
  },
  endWindow: {
    method: "DELETE",
    path: "/admin/windows/{window_id}",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "End a settings page's access; it has to be opened with the link again",
    params: z.object({ window_id: Id }),
    answer: z.object({ window_id: Id, ended: z.boolean().describe("False: it had ended already.") }),
    errors: [],
  },
  rotateLocalKey: {
    method: "POST",
    path: "/admin/local-key/rotate",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Replace local_key; programs that have the former one can't ask any more",
    answer: z.object({ rotated: z.literal(true) }),
    errors: ["storage_unavailable"],
  },
} as const satisfies Record<string, Operation>;
