import * as z from "zod";
import { requestFields } from "../../words/en/request-fields.ts";
import { Time, WebAddress } from "../fields.ts";
import type { Operation } from "./operation.ts";
import { FieldBody } from "./shared-parts.ts";

const TunnelRunner = z.enum(["cloudflared", "ngrok"]);

const ReachabilityBody = z
  .object({
    base_url: FieldBody.describe("An address of your own. PAIRING_BASE_URL locks it."),
    runner: TunnelRunner.describe("Who runs the tunnel."),
    cloudflared: z.object({
      path: FieldBody.describe("The path that was entered; empty: it is searched for. PAIRING_CLOUDFLARED locks it."),
      found: z.string().optional().describe("The file that is run."),
      problem: z.string().optional().describe("Why none would be run, and what to do."),
    }),
    ngrok: z.object({
      authtoken: z
        .object({ set: z.boolean(), locked: z.boolean() })
        .describe("Whether there is one; it is never shown. NGROK_AUTHTOKEN locks it."),
      problem: z.string().optional().describe("Why it cannot start, and what to do. Checked only while it is the runner."),
    }),
    tunnel_at_start: z.boolean().describe("Whether the tunnel starts with Top Dog."),
    tunnel: z
      .discriminatedUnion("state", [
        z.object({ state: z.literal("off") }),
        z.object({ state: z.literal("starting"), since: Time }),
        z.object({ state: z.literal("online"), since: Time, address: z.string() }),
        z.object({
          state: z.literal("failed"),
          sentence: z.string().describe("Why, and what to do."),
          said: z.string().optional().describe("The program's last output."),
          again_at: Time.optional().describe("When it is tried again; absent when only a person can fix it."),
        }),
      ])
      .describe("The tunnel that Top Dog runs. Links point to it while it is online."),
    phone_door: z.string().describe("Where a tunnel on this computer finds the phone door."),
    local_network: z
      .array(z.string())
      .describe("Where phones on the same network find the phone door; empty while it listens on this computer only."),
  })
  .meta({ id: "Reachability" });

export const REACHABILITY = {
  checkReach: {
    method: "POST",
    path: "/admin/reach",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "Whether phones can reach the phone door at the public address: it is asked the way a phone would",
    answer: z.object({
      result: z
        .enum([
          "reached",
          "this_computer_only",
          "this_network_only",
          "not_https",
          "no_answer",
          "bad_certificate",
          "tunnel_broken",
          "interstitial",
          "another_server",
        ])
        .describe(
          "reached: all is well. this_computer_only: a loopback address, as in mock mode. this_network_only: an http address of a local network.",
        ),
      reachable: z
        .boolean()
        .describe("Whether a link would work on a phone: reached, or in mock mode an address of this computer or its network."),
      base_url: z.string(),
      sentence: z.string().describe("What was found, and what to do."),
    }),
    errors: ["rate_limited"],
  },
  reachability: {
    method: "GET",
    path: "/admin/reachability",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "How phones get to the phone door, and how the tunnel stands",
    answer: ReachabilityBody,
    errors: [],
  },
  saveReachability: {
    method: "PATCH",
    path: "/admin/reachability",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Change it; used from the next link on. An empty text removes what was saved, what is left out stays",
    body: z.object({
      base_url: WebAddress.optional(),
      cloudflared_path: z
        .string()
        .trim()
        .max(4096)
        .refine((path) => !path.includes("\0"), requestFields.noNul)
        .optional()
        .describe("The whole path of the program."),
      tunnel_at_start: z.boolean().optional(),
      runner: TunnelRunner.optional().describe("Refused while the tunnel starts or is online."),
      ngrok_authtoken: z
        .string()
        .trim()
        .max(512)
        .regex(/^[\x21-\x7e]*$/, requestFields.authtoken)
        .optional()
        .describe("Stored where secrets are, and used from the tunnel's next start on."),
    }),
    answer: ReachabilityBody,
    errors: ["setting_locked", "tunnel_program_unusable", "tunnel_running", "secrets_unavailable", "storage_unavailable"],
  },
  startTunnel: {
    method: "POST",
    path: "/admin/tunnel/start",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Start a tunnel to the phone door, by the chosen runner; answers at once, what becomes of it is in GET /admin/reachability",
    answer: ReachabilityBody,
    errors: ["setting_locked"],
  },
  stopTunnel: {
    method: "POST",
    path: "/admin/tunnel/stop",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Stop the tunnel; answers when nothing of it runs any more",
    answer: ReachabilityBody,
    errors: [],
  },
} as const satisfies Record<string, Operation>;
