import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import { say } from "../words/say.ts";
import type { Caller } from "./audit.ts";
import type { Device } from "./devices/device.ts";
import { PairingError } from "./errors.ts";
import type { PairingSession } from "./pairing/session.ts";
import type { Ports } from "./ports.ts";
import { sendNews } from "./remote/notify.ts";
import type { AlertKind } from "./remote/outbox.ts";
import { chosenPhones } from "./remote/recipients.ts";
import type { PairingSettings } from "./settings.ts";
import { type Instant, MINUTE } from "./time.ts";

/** For the person at the computer. */
export interface Alert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly at: Instant;
  /** What happened, and what to do. */
  readonly sentence: string;
  /** The phone that it concerns. */
  readonly deviceId?: string;
}

type Deps = Pick<Ports, "clock" | "random" | "store" | "changeEvents" | "inboxSignals" | "log">;

interface Raised extends Pick<Alert, "kind" | "sentence" | "deviceId"> {
  readonly userId?: string | undefined;
  /** Whom the message goes to. Called only when the alert is due. */
  readonly phones: () => Promise<readonly Device[]>;
  readonly caller: Caller;
}

/** The minimum time between two alerts of one kind about one user's phones. */
const BETWEEN_MS = 10 * MINUTE;
const MAX_REMEMBERED = 1000;
const MAX_SHOWN = 20;

/**
 * What may be the work of somebody else: it goes to the log, to the audit trail where nothing else is written of it, to the computer's
 * screen and to the user's other phones. An alert that fails does not fail the request that caused it. In memory: a restart forgets
 * when the last one was, and what the computer shows.
 */
export function createAlerts(deps: Deps, settings: Pick<PairingSettings, "userId">, wakePhones: (messageId: string) => void) {
  const { store } = deps;
  const { raise, recentAlerts } = createRaise(deps, wakePhones);
  const otherPhones = async ({ userId, deviceId }: Pick<Device, "userId" | "deviceId">): Promise<readonly Device[]> =>
    (await store.listActiveDevices(userId)).filter((device) => device.confirmed !== false && device.deviceId !== deviceId);
  return {
    /** A phone was paired. Phones that are as new get no message: somebody is setting them up, and the computer shows all of them. */
    async phonePaired(device: Device, caller: Caller): Promise<void> {
      const { userId, deviceId, deviceName, confirmed, pairedAt } = device;
      await raise({
        kind: "phone_paired",
        sentence: say(confirmed === false ? "server.alertPhoneWaits" : "server.alertPhonePaired", { phone: deviceName }),
        userId,
        deviceId,
        phones: async () => (await otherPhones(device)).filter((other) => pairedAt - other.pairedAt >= BETWEEN_MS),
        caller,
      });
    },

    /** A link that has paired a phone was used again from another one. */
    async linkUsedAgain({ userId, deviceId = "" }: PairingSession, caller: Caller): Promise<void> {
      const device = (await store.findDevices(deviceId)).find((found) => found.userId === userId && found.status !== "revoked");
      if (!device) return;
      await raise({
        kind: "link_used_again",
        sentence: say("server.alertLinkUsedAgain", { phone: device.deviceName }),
        userId,
        deviceId,
        phones: async () => otherPhones(device),
        caller,
      });
    },

    /** An address has to wait, since it had too many wrong admin tokens. */
    async wrongAdminTokens(caller: Caller): Promise<void> {
      await raise({
        kind: "wrong_admin_tokens",
        sentence: say("server.alertWrongAdminTokens", { address: caller.ip ?? "" }),
        phones: async () =>
          chosenPhones(deps, settings, {}, "view").catch((cause: unknown) => {
            // Nobody knows whose computer it is.
            if (cause instanceof PairingError && cause.code === "user_required") return [];
            throw cause;
          }),
        caller,
      });
    },

    /** Those of this run that concern the computer, newest first. */
    recentAlerts,
  };
}

export type Alerts = ReturnType<typeof createAlerts>;

function createRaise(deps: Deps, wakePhones: (messageId: string) => void) {
  const { clock, random, store, changeEvents, log } = deps;
  const lastAt = new Map<string, Instant>();
  let shown: readonly Alert[] = [];

  const isDue = (name: string, now: Instant): boolean => {
    const last = lastAt.get(name);
    if (last !== undefined && Math.abs(now - last) < BETWEEN_MS) return false;
    if (lastAt.size >= MAX_REMEMBERED) lastAt.clear();
    lastAt.set(name, now);
    return true;
  };

  return {
    recentAlerts: (): readonly Alert[] => shown,
    async raise({ kind, sentence, deviceId, userId, phones, caller }: Raised): Promise<void> {
      const now = clock.now();
      if (!isDue(JSON.stringify([kind, userId]), now)) return;
      log.warn(sentence, { alert: kind, ...present({ user: userId, ip: caller.ip }) });
      try {
        // The line of a pairing is written already, and the computer shows each phone that is paired.
        if (kind !== "phone_paired") {
          shown = [{ id: random.token(16), kind, at: now, sentence, ...present({ deviceId }) }, ...shown].slice(0, MAX_SHOWN);
          changeEvents.emit("invites");
          const about = present({ user_id: userId, device_id: deviceId });
          await store.appendAudit(now, { event: "alert_raised", reason: kind, ...about, ...caller });
        }
        const to = await phones();
        if (to.length === 0) return;
        const { notificationId } = await sendNews(deps, to, {
          buildId: "alert",
          projectName: "Top Dog",
          status: kind === "phone_paired" ? "success" : "failure",
          message: sentence,
          priority: "critical",
          actionRequired: true,
          alert: kind,
        });
        wakePhones(notificationId);
      } catch (cause) {
        log.warn("an alert did not reach everybody", { alert: kind, reason: messageOf(cause, "unknown") });
      }
    },
  };
}
