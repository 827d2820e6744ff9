import type { Claim, PairingSession } from "../../../core/index.ts";
import { type Fields, fields, iso, optional, text, time } from "./fields.ts";

/** The phones that wait for their confirmation, as they are in the record of their session. */

export function claimRecord({ phone, caller, receipt, ...claim }: Claim): Fields {
  return {
    claim_id: claim.claimId,
    secret_hash: claim.secretHash,
    digits: claim.digits,
    claimed_at: iso(claim.claimedAt),
    expires_at: iso(claim.expiresAt),
    device_id: phone.deviceId,
    device_name: phone.deviceName,
    device_type: phone.deviceType,
    os_version: phone.osVersion,
    app_version: phone.appVersion,
    push_token: phone.pushToken,
    language: phone.language,
    ip: caller.ip,
    ua: caller.ua,
    receipt: receipt && receiptRecord(receipt),
  };
}

export function readClaim(value: unknown): Claim {
  const record = fields(value);
  return {
    claimId: text(record, "claim_id"),
    secretHash: text(record, "secret_hash"),
    digits: text(record, "digits"),
    claimedAt: time(record, "claimed_at"),
    expiresAt: time(record, "expires_at"),
    phone: {
      deviceId: text(record, "device_id"),
      deviceName: text(record, "device_name"),
      deviceType: text(record, "device_type"),
      osVersion: text(record, "os_version"),
      appVersion: text(record, "app_version"),
      ...optional("pushToken", record, "push_token", text),
      ...optional("language", record, "language", text),
    },
    caller: { ...optional("ip", record, "ip", text), ...optional("ua", record, "ua", text) },
    ...optional("receipt", record, "receipt", readReceipt),
  };
}

type Receipt = NonNullable<PairingSession["receipt"]>;

export function receiptRecord({ keyHash, requestHash, acceptedAt }: Receipt): Fields {
  return { key_hash: keyHash, request_hash: requestHash, accepted_at: iso(acceptedAt) };
}

export function readReceipt(record: Fields, name: string): Receipt {
  const read = fields(record[name]);
  return { keyHash: text(read, "key_hash"), requestHash: text(read, "request_hash"), acceptedAt: time(read, "accepted_at") };
}
