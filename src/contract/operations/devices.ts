import * as z from "zod";
import { Id, Name, Time } from "../fields.ts";
import { TestedPhoneBody } from "../remote.ts";
import { PairedBody } from "./invites.ts";
import type { Operation } from "./operation.ts";
import { BEARER, GATE, listQuery, Next } from "./shared-parts.ts";

const DEVICE_STATUSES = ["active", "suspended", "revoked"] as const;

const DeviceBody = z
  .object({
    device_id: Id,
    device_name: z.string(),
    device_type: z.enum(["ios", "android", "web", "unknown"]),
    status: z.enum(DEVICE_STATUSES),
    os_version: z.string(),
    app_version: z.string(),
    user_id: Id,
    paired_via: z.enum(["sms", "qr"]),
    paired_at: Time,
    last_seen: Time,
    expires_at: Time.describe("When its token ends."),
  })
  .meta({ id: "Device" });

const DeviceQuery = listQuery(DEVICE_STATUSES);

const DeviceId = z.object({ device_id: Id });

const WhoseDevice = z.object({ user_id: Id.optional() });

export const DEVICES = {
  listDevices: {
    method: "GET",
    path: "/phone/devices",
    door: "local",
    auth: "gated",
    limit: "devices",
    summary: "Paired phones, revoked ones included, newest first",
    query: DeviceQuery,
    answer: z.array(DeviceBody),
    pages: "link",
    errors: [...GATE, "rate_limited"],
  },
  findDevices: {
    method: "GET",
    path: "/admin/devices",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "The same list for the settings page, as an object that says what comes next",
    query: DeviceQuery.extend({ device_id: Id.optional().describe("Only phones with this id: each user may have one.") }),
    answer: z.object({
      devices: z.array(DeviceBody),
      next: Next,
      counts: z
        .object({ active: z.number().int(), suspended: z.number().int(), revoked: z.number().int() })
        .describe("Of all phones, whatever was asked for."),
    }),
    pages: "next",
    errors: GATE,
  },
  renameDevice: {
    method: "PATCH",
    path: "/phone/devices/{device_id}",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Rename a phone",
    params: DeviceId,
    query: WhoseDevice,
    body: z.object({ device_name: Name.min(1) }),
    answer: DeviceBody,
    errors: [...GATE, "device_not_found", "device_ambiguous"],
  },
  revokeDevice: {
    method: "DELETE",
    path: "/phone/devices/{device_id}",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Revoke a phone: its token is refused from now on",
    params: DeviceId,
    query: WhoseDevice,
    answer: z.object({ message: z.string(), device_id: Id }),
    errors: [...GATE, "device_not_found", "device_ambiguous", "rate_limited"],
  },
  suspendDevice: {
    method: "POST",
    path: "/phone/devices/{device_id}/suspend",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Suspend a phone until it is reactivated",
    params: DeviceId,
    query: WhoseDevice,
    answer: DeviceBody,
    errors: [...GATE, "device_not_found", "device_ambiguous", "rate_limited"],
  },
  reactivateDevice: {
    method: "POST",
    path: "/phone/devices/{device_id}/reactivate",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Let a suspended phone in again",
    params: DeviceId,
    query: WhoseDevice,
    answer: DeviceBody,
    errors: [...GATE, "device_not_found", "device_ambiguous", "rate_limited"],
  },
  testDevice: {
    method: "POST",
    path: "/phone/devices/{device_id}/test-notification",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Send a test notification to a phone, and return the outcome on each channel",
    params: DeviceId,
    query: WhoseDevice,
    answer: TestedPhoneBody,
    errors: [...GATE, "device_not_found", "device_ambiguous", "device_suspended", "storage_unavailable", "rate_limited"],
  },
  revokeAllDevices: {
    method: "POST",
    path: "/phone/devices/revoke-all",
    door: "local",
    auth: "gated",
    limit: "revoke",
    summary: "Revoke all phones, or all but one",
    body: z.object({ user_id: Id.optional(), except_device_id: Id.optional() }),
    answer: z.object({ revoked: z.number().int() }),
    errors: [...GATE, "rate_limited"],
  },
  forgetUser: {
    method: "POST",
    path: "/admin/forget",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Take a user's revoked phones, and invites that are over, off the lists; what was texted within a day stays, since it counts",
    body: z.object({ user_id: Id }),
    answer: z.object({ devices: z.number().int(), sessions: z.number().int() }),
    errors: [...GATE, "storage_unavailable"],
  },
  ownDevice: {
    method: "GET",
    path: "/phone/me",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "The phone that asks",
    answer: DeviceBody,
    errors: BEARER,
  },
  renameOwnDevice: {
    method: "PATCH",
    path: "/phone/me",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Rename the phone that asks",
    body: z.object({ device_name: Name.min(1) }),
    answer: DeviceBody,
    errors: [...BEARER, "storage_unavailable", "rate_limited"],
  },
  unpairOwnDevice: {
    method: "DELETE",
    path: "/phone/me",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "Unpair the phone that asks",
    answer: z.object({ message: z.string(), device_id: Id }),
    errors: BEARER,
  },
  openHandoff: {
    method: "POST",
    path: "/phone/me/handoff",
    door: "phone",
    auth: "bearer",
    limit: "other",
    summary: "A code that signs in this phone's installed app as the same device; it takes the place of a former one",
    answer: z.object({
      code: z.string().describe("Eight letters and digits. Good once, for ten minutes."),
      url: z.string().describe("The inbox with the code after #, as the start address of the installed app."),
      expires_at: Time,
    }),
    errors: [...BEARER, "storage_unavailable", "rate_limited"],
  },
  redeemHandoff: {
    method: "POST",
    path: "/phone/handoff",
    door: "phone",
    auth: "open",
    limit: "accept",
    summary: "Sign in with a hand-off's code: the same device, the same token id",
    body: z.object({ code: z.string().min(1).max(64).describe("Capitals, blanks and hyphens do not matter.") }),
    idempotent: true,
    answer: PairedBody,
    errors: ["handoff_not_found", "device_suspended", "keys_unavailable", "storage_unavailable", "rate_limited"],
  },
} as const satisfies Record<string, Operation>;
