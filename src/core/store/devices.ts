import { present } from "../../base/present.ts";
import { type Device, deviceKey } from "../devices/device.ts";
import { DEFAULT_LEVEL, isHigher, levelOf } from "../devices/level.ts";
import type { TextMessage } from "../messages/text-message.ts";
import type { PairingSession } from "../pairing/session.ts";
import type { Forget, Forgotten, KeepHandoff, KeepSubscription, RevokeDevice, TakeHandoff, UpdateDevice } from "../ports.ts";
import { DAY, type Instant, MINUTE } from "../time.ts";
import { type Decision, type Draft, revokedToken } from "./rows.ts";

export const updateDevice: Decision<UpdateDevice, Device | undefined> = {
  rows: (phone) => ({ devices: [phone] }),
  isUrgent: ({ set }) => set.status === "suspended" || (set.level !== undefined && set.level !== DEFAULT_LEVEL),
  decide(draft, { userId, deviceId, set, neverRaise, at, audit }) {
    const found = draft.device({ userId, deviceId });
    if (!found || found.status === "revoked") return undefined;
    const level = set.level !== undefined && neverRaise && isHigher(set.level, levelOf(found)) ? undefined : set.level;
    const device: Device = { ...found, ...present({ ...set, level }) };
    draft.commit({ at, audit, devices: [device] });
    return device;
  },
};

export const revokeDevice: Decision<RevokeDevice, Device | undefined> = {
  rows: (phone) => ({ devices: [phone] }),
  isUrgent: () => true,
  decide(draft, { userId, deviceId, at, audit }) {
    const found = draft.device({ userId, deviceId });
    if (!found || found.status === "revoked") return undefined;
    const device: Device = { ...withoutHandoff(withoutPush(found)), status: "revoked", revokedAt: at };
    const { lastSeq } = draft.inbox(found);
    draft.commit({
      at,
      audit,
      sessions: revokedSession(draft, found, at),
      devices: [device],
      revoked: [revokedToken(found)],
      // A phone that is paired under this id later reads nothing that was meant for this one.
      ...(lastSeq > 0 ? { inboxes: [{ userId, deviceId, kind: "gone", seq: lastSeq, at }] } : {}),
    });
    return device;
  },
};

/** The session a device came from, marked; none when it is past its retention. */
export function revokedSession(draft: Draft, device: Device, revokedAt: Instant): readonly PairingSession[] {
  const session = draft.sessionById(device.sessionId);
  return session ? [{ ...session, revokedAt }] : [];
}

export const forget: Decision<Forget, Forgotten> = {
  rows: ({ devices, sessions, texts = [] }) => ({ devices, sessions: sessions.map(({ codeHash }) => codeHash), texts }),
  decide(draft, { devices, sessions, texts = [], retentionNow, at, audit }) {
    const revoked = devices.flatMap((phone) => {
      const device = draft.device(phone);
      return device?.status === "revoked" ? [{ ...withoutHandoff(withoutPush(device)), forgotten: true as const }] : [];
    });
    const over = sessions.flatMap(({ codeHash }) => {
      const session = draft.session(codeHash);
      return session && isOver(session) && !mayCount(textOf(draft, session), retentionNow)
        ? [{ ...session, forgotten: true as const }]
        : [];
    });
    const forgottenTexts = [...over.map((session) => textOf(draft, session)), ...texts.map((id) => draft.text(id))].flatMap((text) =>
      text && !mayCount(text, retentionNow) ? [{ ...text, forgotten: true as const }] : [],
    );
    const forgotten = { devices: revoked.length, sessions: over.length };
    if (revoked.length + over.length + forgottenTexts.length === 0) return forgotten;
    const reason = `phones: ${forgotten.devices}, invites: ${forgotten.sessions}`;
    draft.commit({ at, audit: audit.map((line) => ({ ...line, reason })), devices: revoked, sessions: over, texts: forgottenTexts });
    return forgotten;
  },
};

/** Nothing can come of it any more: no phone can accept it, and none that did is paired. */
function isOver({ status, revokedAt }: PairingSession): boolean {
  return status !== "pending" && (status !== "accepted" || revokedAt !== undefined);
}

/** Against the budget of text messages. */
function mayCount(text: TextMessage | undefined, now: Instant): boolean {
  return text?.sends.some((sent) => sent + DAY > now) === true;
}

function textOf(draft: Draft, { textId }: PairingSession): TextMessage | undefined {
  return textId === undefined ? undefined : draft.text(textId);
}

export const keepSubscription: Decision<KeepSubscription, boolean> = {
  rows: ({ userId, deviceId, subscription }) => ({
    devices: [{ userId, deviceId }],
    ...(subscription ? { endpoint: subscription.endpoint } : {}),
  }),
  decide(draft, { userId, deviceId, jti, subscription, insteadOf, at, audit }) {
    const found = draft.device({ userId, deviceId });
    if (!found || found.status === "revoked" || found.jti !== jti) return false;
    if (insteadOf !== undefined && found.push?.endpoint !== insteadOf) return false;
    if (isSame(found.push, subscription)) return true;
    const others = subscription ? draft.devicesAt(subscription.endpoint).filter((other) => deviceKey(other) !== deviceKey(found)) : [];
    const device = subscription ? { ...found, push: subscription } : withoutPush(found);
    draft.commit({ at, audit, devices: [device, ...others.map(withoutPush)] });
    return true;
  },
};

export const keepHandoff: Decision<KeepHandoff, boolean> = {
  rows: ({ userId, deviceId }) => ({ devices: [{ userId, deviceId }] }),
  decide(draft, { userId, deviceId, jti, codeHash, expiresAt, at, audit }) {
    const found = draft.device({ userId, deviceId });
    if (found?.status !== "active" || found.jti !== jti) return false;
    draft.commit({ at, audit, devices: [{ ...found, handoff: { codeHash, expiresAt } }] });
    return true;
  },
};

export const takeHandoff: Decision<TakeHandoff, Device | undefined> = {
  rows: ({ codeHash }) => ({ handoff: codeHash }),
  decide(draft, { codeHash, keyHash, at, audit }) {
    const found = draft.deviceByHandoff(codeHash);
    const handoff = found?.handoff;
    if (!found || found.status === "revoked" || !handoff || at >= handoff.expiresAt) return undefined;
    if (handoff.usedBy !== undefined) return keyHash !== undefined && handoff.usedBy === keyHash ? found : undefined;
    if (found.status === "suspended") return found;
    const lines = audit.map((line) => ({ ...line, user_id: found.userId, device_id: found.deviceId }));
    const device: Device = { ...found, handoff: { ...handoff, usedBy: keyHash ?? "" } };
    draft.commit({ at, audit: lines, devices: [device] });
    return device;
  },
};

/**
 * The row of a phone that was seen, and only if that row still speaks for the same token; `undefined`: nothing new. Long before it was
 * last seen means that the clock was set back.
 */
export function seenDevice(row: Device | undefined, { jti }: Pick<Device, "jti">, at: Instant): Device | undefined {
  if (row?.jti !== jti || row.status === "revoked") return undefined;
  return at <= row.lastSeen && at > row.lastSeen - MINUTE ? undefined : { ...row, lastSeen: at };
}

function isSame(one: Device["push"], other: Device["push"]): boolean {
  return (
    one === other ||
    (one?.endpoint === other?.endpoint && one?.p256dh === other?.p256dh && one?.auth === other?.auth && one?.endsAt === other?.endsAt)
  );
}

function withoutPush({ push: _, ...device }: Device): Device {
  return device;
}

function withoutHandoff({ handoff: _, ...device }: Device): Device {
  return device;
}
