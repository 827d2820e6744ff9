import type { Restarted } from "./revocation.ts";
import { RowFault } from "./row.ts";
import { OWN_DEVICE, OWN_USER } from "./traces.ts";
import type { VerifiedServer } from "./verified-server.ts";

interface Listed {
  readonly sessions: ReadonlySet<string>;
  readonly phones: ReadonlySet<string>;
  /** The session that paired this run's own phone. */
  readonly own: string | undefined;
}

/** Whether everything the running server lists is there after a restart, this run's own pairing above all. */
export async function checkPersistence(
  server: VerifiedServer,
  storageFolder: string,
  afterRestart: () => Promise<Restarted>,
): Promise<string> {
  const before = await listAll(server);
  if (before.own === undefined) throw new RowFault("No phone could be paired to look for.", "Mend row 6 first.");
  const restarted = await afterRestart();
  const after = await listAll(restarted.server);
  const todo = `Check that PAIRING_STORAGE_PATH (${storageFolder}) is the folder of the running server, on a disk that is kept.`;
  if (!after.sessions.has(before.own) || !after.phones.has(ownPhone))
    throw new RowFault(`The phone that was just paired at ${server.address} was not found by ${restarted.name}.`, todo);
  // What ended its retention meanwhile is listed nowhere, and not lost.
  const still = restarted.server === server ? before : await listAll(server);
  const lost = {
    sessions: missing(before.sessions, after.sessions, still.sessions),
    phones: missing(before.phones, after.phones, still.phones),
  };
  const counted = `${before.sessions.size} sessions and ${before.phones.size} phones`;
  if (lost.sessions + lost.phones === 0) return `Of ${counted} every one was found by ${restarted.name}.`;
  throw new RowFault(`Of ${counted}, ${lost.sessions} and ${lost.phones} were not found by ${restarted.name}.`, todo);
}

const keyOf = (device: { readonly user_id: string; readonly device_id: string }): string =>
  JSON.stringify([device.user_id, device.device_id]);
const ownPhone = keyOf({ user_id: OWN_USER, device_id: OWN_DEVICE });

async function listAll(server: VerifiedServer): Promise<Listed> {
  const { sessions } = await server.call("listSessions", {});
  const devices = await server.call("listDevices", {});
  const own = sessions.find(({ user_id, status }) => user_id === OWN_USER && status === "accepted");
  return {
    sessions: new Set(sessions.map(({ session_id }) => session_id)),
    phones: new Set(devices.map(keyOf)),
    own: own?.session_id,
  };
}

function missing(before: ReadonlySet<string>, after: ReadonlySet<string>, still: ReadonlySet<string>): number {
  return [...before].filter((name) => !after.has(name) && still.has(name)).length;
}
