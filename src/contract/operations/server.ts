import * as z from "zod";
import type { Operation } from "./operation.ts";

export const SERVER = {
  rotateKey: {
    method: "POST",
    path: "/phone/keys/rotate",
    door: "local",
    caller: "local",
    gated: true,
    limit: "revoke",
    summary: "Sign with a new key; tokens of the former one stay good until they end",
    answer: z.object({ kid: z.string() }),
    errors: ["keys_elsewhere", "keys_unavailable", "rate_limited"],
  },
  publicKeys: {
    method: "GET",
    path: "/.well-known/jwks.json",
    door: "phone",
    caller: "anonymous",
    limit: "other",
    summary: "The public keys that verify device tokens (RFC 7517)",
    answer: z.object({ keys: z.array(z.record(z.string(), z.string())) }),
    errors: ["keys_unavailable"],
  },
  alive: {
    method: "GET",
    path: "/healthz",
    door: "phone",
    caller: "anonymous",
    limit: "none",
    summary: "200 while the process lives",
    answer: z.object({ status: z.literal("ok"), local_port: z.number().int().optional(), phone_port: z.number().int().optional() }),
    errors: [],
  },
  ready: {
    method: "GET",
    path: "/readyz",
    door: "phone",
    caller: "anonymous",
    limit: "none",
    summary: "200 only when the store can be written and the server does not stop",
    answer: z.object({ status: z.literal("ready") }),
    errors: ["storage_unavailable", "server_stopping", "keys_unavailable"],
  },
} as const satisfies Record<string, Operation>;
