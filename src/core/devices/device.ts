import type { PairingMethod } from "../pairing/session.ts";
import type { PushSubscription } from "../remote/push.ts";
import type { Instant } from "../time.ts";
import type { Level } from "./level.ts";

const DEVICE_TYPES = ["ios", "android", "web", "unknown"] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

/** A paired phone. The same `deviceId` under another user is another device. */
export interface Device {
  readonly deviceId: string;
  readonly userId: string;
  readonly deviceName: string;
  readonly deviceType: DeviceType;
  readonly osVersion: string;
  readonly appVersion: string;
  readonly status: "active" | "suspended" | "revoked";
  readonly pairedVia: PairingMethod;
  readonly pairedAt: Instant;
  readonly lastSeen: Instant;
  /** When its token ends. */
  readonly expiresAt: Instant;
  /** The id of the one token that speaks for this device. */
  readonly jti: string;
  /** The session it came from. */
  readonly sessionId: string;
  readonly pushToken?: string;
  /** The tag of the language that its user reads. Absent: unknown. */
  readonly language?: string;
  /** How its browser is woken. It goes with the pairing. */
  readonly push?: PushSubscription;
  /** A code that signs in the installed app of this phone. */
  readonly handoff?: Handoff;
  readonly revokedAt?: Instant;
  /** What its user may do with it. Absent in records of earlier versions: read it by `levelOf`. */
  readonly level?: Level;
  /** Whether a person at the computer has confirmed it. Absent: yes. */
  readonly confirmed?: boolean;
  /** Marks a removed record until its removal is stored. */
  readonly forgotten?: true;
}

/** Whether messages may reach this phone now: active, confirmed, and its token has not ended. */
export function hasAccess({ status, confirmed, expiresAt }: Pick<Device, "status" | "confirmed" | "expiresAt">, now: Instant): boolean {
  return status === "active" && confirmed !== false && now < expiresAt;
}

/** Whether it waits for a person at the computer to confirm it. One that was revoked waits for nobody. */
export function isUnconfirmed({ status, confirmed }: Pick<Device, "status" | "confirmed">): boolean {
  return confirmed === false && status !== "revoked";
}

/** What can be changed of a paired phone. */
export interface DeviceSettings {
  readonly deviceName?: string | undefined;
  readonly status?: "active" | "suspended" | undefined;
  readonly confirmed?: true | undefined;
  readonly level?: Level | undefined;
  readonly language?: string | undefined;
}

export interface Handoff {
  /** SHA-256 of the code, base64url. The code itself is never stored. */
  readonly codeHash: string;
  readonly expiresAt: Instant;
  /** Set once the code was used: the hash of the attempt's idempotency key, or empty. */
  readonly usedBy?: string;
}

/** What a search among devices is compared with, beside the phone number. */
export function searchableTexts(device: Device): readonly string[] {
  return [device.deviceId, device.deviceName, device.userId, device.deviceType, device.osVersion, device.appVersion];
}

/** The key of a device. Phones choose their ids, so an id is unique per user only. */
export function deviceKey(device: Pick<Device, "userId" | "deviceId">): string {
  return JSON.stringify([device.userId, device.deviceId]);
}

/** Maps a word from the wire to a device type; unknown words become `unknown`. */
export function deviceTypeOf(word: string): DeviceType {
  return DEVICE_TYPES.find((type) => type === word.toLowerCase()) ?? "unknown";
}

const NAME_BY_TYPE: Record<DeviceType, string> = { ios: "iPhone", android: "Android phone", web: "Phone", unknown: "Phone" };

export function fallbackName(type: DeviceType): string {
  return NAME_BY_TYPE[type];
}
