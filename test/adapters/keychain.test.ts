import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenPlace, openKeychainPlace } from "../../src/adapters/secrets/keychain-place.ts";
import { secretStoreContract } from "../contracts/secret-store.ts";
import { type KeyringSession, noKeyring, startSession } from "../keyring.ts";
import { freshFolder, testLog } from "./stores/folder.ts";

if (noKeyring !== undefined) console.warn(`The keychain is not tested: ${noKeyring}`);

describe.skipIf(noKeyring !== undefined)("in the keychain", () => {
  let session: KeyringSession;
  const opened: OpenPlace[] = [];
  beforeAll(async () => {
    session = await startSession();
    await session.start("unlocked");
  });
  afterAll(async () => {
    for (const place of opened) place.close();
    await session.close();
  });

  const open = (folder: string): OpenPlace => {
    const place = openKeychainPlace({ folder, start: session.startProcess, log: testLog(), changed: () => undefined });
    opened.push(place);
    return place;
  };

  secretStoreContract(async () => {
    const folder = freshFolder();
    return { store: open(folder).secrets, reopen: () => open(folder).secrets };
  });

  it("keeps one folder's secrets apart from another's, and leaves nothing behind", async () => {
    const before = (await session.items()).length;
    const [one, two] = [open(freshFolder()).secrets, open(freshFolder()).secrets];
    await one.set("signing-key", "of one");
    await two.set("signing-key", "of two".repeat(1000));
    expect(await one.get("signing-key")).toBe("of one");
    await two.remove("signing-key");
    await one.remove("signing-key");
    expect(await session.items()).toHaveLength(before);
  });
});
