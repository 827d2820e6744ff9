import type { PhonesLife } from "./phones-life.ts";
import { RowFault } from "./row.ts";
import { codeOf, refused, spoken, type VerifiedServer } from "./verified-server.ts";

/** A server as it is after a restart, and how to speak of it: "a server started on a copy of …". */
export interface Restarted {
  readonly server: VerifiedServer;
  readonly name: string;
}

/** Whether the token of a revoked phone is refused at the next request, and after a restart. */
export async function checkRevocation(
  { pairing, paired }: PhonesLife,
  server: VerifiedServer,
  afterRestart: () => Promise<Restarted>,
): Promise<string> {
  if (!paired) throw new RowFault(`No phone could be paired: ${spoken(pairing)}.`, "Mend row 6 first.");
  const { token, before, revocation, after } = paired;
  if (before.status !== 200)
    throw new RowFault(`The token of a phone that was just paired is ${spoken(before)}.`, "Look into the server's log.");
  if (revocation.status !== 200) throw refused(server.address, revocation);
  if (codeOf(after) !== "token_revoked") {
    throw new RowFault(
      `After its phone was revoked, a token is answered with ${spoken(after)} instead of 401 token_revoked.`,
      "Take this server off the network: a lost phone stays paired. Look for a cache or a second server behind the phone door.",
    );
  }
  let restarted: Restarted;
  try {
    restarted = await afterRestart();
  } catch {
    // Row 2 says why. The guide's row asks for the next request, and that was seen.
    return "The token of a revoked phone was refused at the next request: 401 token_revoked. After a restart it was not looked at.";
  }
  const later = await restarted.server.phone("ownDevice", {}, { deviceToken: token });
  if (codeOf(later) === "token_revoked")
    return `The token of a revoked phone was refused at the next request, and by ${restarted.name}: 401 token_revoked.`;
  throw new RowFault(
    `The token of a revoked phone was refused at the next request, but ${restarted.name} answers ${spoken(later)}.`,
    "Check that the storage folder is on a disk that is kept, and whole: revoked_jti.json and pairing_journal.jsonl.",
  );
}
