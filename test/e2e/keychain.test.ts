import { existsSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { noKeyring, startSession } from "../keyring.ts";
import { closeDesktops, startDesktop } from "./desktop.ts";

afterEach(closeDesktops);

it.skipIf(noKeyring !== undefined)(
  "the desktop app says that the keyring is locked, goes on when it is unlocked, and quits while its password is asked for",
  async () => {
    const session = await startSession();
    try {
      await session.start("locked");
      const env = { HOME: session.env["HOME"]!, DBUS_SESSION_BUS_ADDRESS: session.env["DBUS_SESSION_BUS_ADDRESS"]! };
      const { app, page, userData, ended } = await startDesktop({ env, keychain: true });
      const banner = page.getByRole("alert");
      await banner.getByText("The keyring is locked.").waitFor();
      await session.start("unlocked");
      // It is asked again from time to time, and at most after half a minute.
      await banner.waitFor({ state: "detached", timeout: 60_000 });
      await expect.poll(async () => (await session.items()).map(({ account }) => account.split(" ")[0])).toEqual(["signing-key"]);
      expect(existsSync(path.join(userData, "pairing/signing_key.pem"))).toBe(false);
      await app.close();
      expect(await ended).toBe(0);
    } finally {
      await session.close();
    }

    const prompting = await startSession({ prompt: true });
    try {
      await prompting.start("locked");
      const env = { HOME: prompting.env["HOME"]!, DBUS_SESSION_BUS_ADDRESS: prompting.env["DBUS_SESSION_BUS_ADDRESS"]! };
      const { app, page, ended } = await startDesktop({ env, keychain: true });
      await page.getByRole("alert").getByText("The system is asking you to unlock the keyring.").waitFor();
      await app.close();
      expect(await ended).toBe(0);
    } finally {
      await prompting.close();
    }
  },
);
