import { writeSync } from "node:fs";
import { openFileStore } from "../../../src/adapters/stores/file/file-store.ts";
import { DAY, MINUTE, type PairingStore } from "../../../src/core/index.ts";

/** Changes a store in eight parallel loops and prints each acknowledged change, until it is killed. */

const [folder = "", run = "0"] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const budget = { perNumberPerTenMinutes: 1e6, perNumberPerDay: 1e6, perDay: 1e9 };

const store = await openFileStore({
  folder,
  now: () => Date.now(),
  log: silent,
  sessionRetentionDays: 90,
  deviceRetentionDays: 365,
  auditRetentionDays: 365,
});
say("open");
await Promise.all(Array.from({ length: 8 }, async (_, writer) => write(store, `${run}-${writer}`)));

async function write(to: PairingStore, name: string): Promise<void> {
  for (let number = 0; ; number += 1) {
    const id = `${name}-${number}`;
    const codeHash = `code-${id}`;
    const at = Date.now();
    const audit = [{ event: "send_sms_invite", session_id: id } as const];
    await to.addInvite({
      session: {
        sessionId: id,
        method: "sms",
        codeHash,
        status: "pending",
        userId: name,
        userName: "Ada",
        phoneNumber: "+14155550101",
        baseUrl: "https://pair.example.com",
        createdAt: at,
        expiresAt: at + 15 * MINUTE,
        textId: `text-${id}`,
      },
      text: {
        id: `text-${id}`,
        purpose: "invite",
        to: "+14155550101",
        baseUrl: "https://pair.example.com",
        sends: [at],
        sessionId: id,
        userId: name,
      },
      budget,
      at,
      audit,
    });
    say(`added ${codeHash}`);
    if (number % 4 === 1) {
      await to.cancelInvite({ codeHash, at: () => at, audit: [{ event: "cancel_invite", session_id: id }] });
      say(`cancelled ${codeHash}`);
    }
    if (number % 4 !== 0) continue;
    const device = {
      deviceId: `phone-${id}`,
      userId: name,
      deviceName: "Phone",
      deviceType: "ios",
      osVersion: "17",
      appVersion: "1",
      status: "active",
      pairedVia: "sms",
      pairedAt: at,
      lastSeen: at,
      expiresAt: at + 30 * DAY,
      jti: `jti-${id}`,
      sessionId: id,
    } as const;
    await to.acceptInvite({ codeHash, device, at: () => at, audit: [{ event: "accept_invite", session_id: id }] });
    say(`accepted ${codeHash}`);
    if (number % 8 !== 0) continue;
    await to.revokeDevice({ userId: name, deviceId: device.deviceId, at, audit: [{ event: "revoke_device", session_id: id }] });
    say(`revoked ${codeHash}`);
  }
}

/** Writes straight to the pipe, so that printed text has left this process when it is killed. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
