import type { AnswerOf } from "../contract/operations.ts";
import {
  type AdminTokenStatus,
  type Delivery,
  type Device,
  type Instant,
  isoSeconds,
  type Paired,
  type PairingSession,
  type SecretsStatus,
} from "../core/index.ts";
import type { AnnouncedBroker } from "../http/door-settings.ts";
import { deliveryProblem } from "../words/delivery-problem.ts";

/** The core's words → the wire's. Nothing else maps them. */
export function deviceBody(device: Device): AnswerOf<"ownDevice"> {
  return {
    device_id: device.deviceId,
    device_name: device.deviceName,
    device_type: device.deviceType,
    status: device.status,
    os_version: device.osVersion,
    app_version: device.appVersion,
    user_id: device.userId,
    paired_via: device.pairedVia,
    paired_at: isoSeconds(device.pairedAt),
    last_seen: isoSeconds(device.lastSeen),
    expires_at: isoSeconds(device.expiresAt),
  };
}

/** `resendAfter`: from when it may be texted again. */
export function sessionBody(session: PairingSession, resendAfter: Instant | undefined): AnswerOf<"listSessions">["sessions"][number] {
  return {
    session_id: session.sessionId,
    method: session.method,
    status: session.status,
    user_id: session.userId,
    user_name: session.userName,
    phone_number: session.phoneNumber,
    created_at: isoSeconds(session.createdAt),
    expires_at: isoSeconds(session.expiresAt),
    ...(session.cancelReason === undefined ? {} : { cancel_reason: session.cancelReason }),
    ...(session.acceptedAt === undefined ? {} : { accepted_at: isoSeconds(session.acceptedAt) }),
    ...(session.deviceId === undefined ? {} : { device_id: session.deviceId }),
    ...(session.revokedAt === undefined ? {} : { revoked_at: isoSeconds(session.revokedAt) }),
    sends: session.sentAt.length,
    ...(resendAfter === undefined ? {} : { resend_after: isoSeconds(resendAfter) }),
    ...(session.delivery === undefined ? {} : { delivery: deliveryBody(session.delivery) }),
    ...(session.openedAt === undefined ? {} : { opened_at: isoSeconds(session.openedAt) }),
    ...(session.test === undefined ? {} : { test: true }),
    ...(session.approvalId === undefined ? {} : { approval_id: session.approvalId }),
  };
}

export function deliveryBody(delivery: Delivery): NonNullable<AnswerOf<"listSessions">["sessions"][number]["delivery"]> {
  const { state, at, more, provider, providerCode } = delivery;
  const problem = deliveryProblem(delivery);
  return {
    state,
    at: isoSeconds(at),
    more,
    ...(problem === undefined ? {} : { problem }),
    ...(provider === undefined || providerCode === undefined ? {} : { details: { provider, code: providerCode } }),
  };
}

/** The broker's host as it was set, or the public address's own. */
export function mqttBroker(baseUrl: string, broker: AnnouncedBroker | undefined): string {
  return broker?.host ?? new URL(baseUrl).hostname;
}

export function pairedBody(paired: Paired, baseUrl: string, broker: AnnouncedBroker | undefined): AnswerOf<"acceptInvite"> {
  const base = new URL(baseUrl);
  return {
    device_id: paired.deviceId,
    jwt_token: paired.token,
    expires_at: isoSeconds(paired.expiresAt),
    mqtt_broker: mqttBroker(baseUrl, broker),
    user_id: paired.userId,
    mqtt_url: broker?.phoneUrl ?? `${base.protocol === "https:" ? "wss" : "ws"}://${base.host}/mqtt`,
    inbox_url: `${base.origin}/inbox`,
  };
}

export function adminTokenBody({ set, locked, savedIn }: AdminTokenStatus): AnswerOf<"adminToken"> {
  return { set, locked, kept_in: savedIn };
}

export function secretsBody({ kind, state, sentence, ways, newKey, canPair }: SecretsStatus): AnswerOf<"checkSecrets"> {
  return { kind, state, ...(sentence === undefined ? {} : { sentence }), ways: [...ways], new_key: newKey, can_pair: canPair };
}
