import { setImmediate as nextTurn } from "node:timers/promises";
import { type Device, hasAccess, type Log, type Pairing } from "../core/index.ts";
import { addPhone, type Command, type DynamicSecurity, type KnownClient, listPhones, removePhone } from "./dynamic-security.ts";
import { topicTree } from "./topics.ts";

interface AccountsDeps {
  readonly pairing: Pick<Pairing, "deviceToken" | "now">;
  readonly security: DynamicSecurity;
  /** This server's own user at the broker. */
  readonly username: string;
  readonly log: Pick<Log, "warn">;
}

/** Commands in one request: signing tokens for many phones must not delay the others. */
const MAX_BATCH = 20;
/** Phones that are checked in one turn of the event loop. */
const DEVICES_PER_TURN = 200;

/** The phones' clients at the broker. */
export type BrokerAccounts = ReturnType<typeof createBrokerAccounts>;

export function createBrokerAccounts(deps: AccountsDeps) {
  const { security, username, log } = deps;
  let known: Map<string, KnownClient> | undefined;

  const send = async (commands: readonly Command[]): Promise<void> => {
    if (commands.length === 0) return;
    const answers = await security.ask(commands);
    const failed = answers.find(({ command, error }) => error !== undefined && command !== "createRole" && command !== "deleteRole");
    if (failed) log.warn("the broker refused a change", { command: failed.command, reason: failed.error });
  };

  return {
    /** Gives each active phone a client whose password is its token, and takes access from all other phones. The oldest phone first. */
    async update(devices: readonly Device[]): Promise<void> {
      known ??= await listPhones(security);
      const clients = known;
      // Our own user may have a phone's name.
      clients.set(username, clients.get(username) ?? { tree: "", jti: "", disabled: false });
      const batch: Command[] = [];
      let changed = false;
      // Phones that lose access come first.
      const ordered = [...devices.filter(({ status }) => status !== "active"), ...devices.filter(({ status }) => status === "active")];
      for (const [index, device] of ordered.entries()) {
        const commands = await commandsFor(deps, device, clients.get(device.deviceId));
        changed ||= commands.length > 0;
        // One phone's commands stay together.
        batch.push(...commands);
        if (batch.length >= MAX_BATCH) await send(batch.splice(0));
        if ((index + 1) % DEVICES_PER_TURN === 0) await nextTurn();
      }
      await send(batch);
      if (changed) known = await listPhones(security);
    },
    /** The broker may have changed: the next update reads its clients again. */
    forget(): void {
      known = undefined;
    },
  };
}

/** The commands after which the broker admits this phone exactly as far as it has access. */
async function commandsFor({ pairing, log }: AccountsDeps, device: Device, found: KnownClient | undefined): Promise<Command[]> {
  const { deviceId, jti, status } = device;
  const tree = topicTree(device);
  const mayConnect = hasAccess(device, pairing.now());
  if (found && found.tree !== tree) {
    if (mayConnect) log.warn("the broker has another client of a phone's name: this phone has its inbox alone", { device_id: deviceId });
    return [];
  }
  const add = async (): Promise<Command[]> => addPhone(device, tree, await pairing.deviceToken(device));
  if (!found) return mayConnect ? add() : [];
  if (found.jti !== jti)
    return status === "revoked" || !mayConnect ? removePhone(deviceId, tree) : [...removePhone(deviceId, tree), ...(await add())];
  if (mayConnect) return found.disabled ? [{ command: "enableClient", username: deviceId }] : [];
  // A suspended phone's password stays, so that it may come in again.
  if (status === "suspended") return found.disabled ? [] : [{ command: "disableClient", username: deviceId }];
  return removePhone(deviceId, tree);
}
