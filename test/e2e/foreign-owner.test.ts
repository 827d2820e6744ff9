import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { CLI, freshHome, killServers, run, startHeadless } from "./headless.ts";

afterEach(killServers);

const POD = 1000;

/** Whether another account can run the product from where it lies here. */
const canSwitch =
  process.geteuid?.() === 0 && spawnSync(process.execPath, [CLI, "--help"], { uid: POD, gid: POD, env: {}, cwd: "/" }).status === 0;

/** As the pod's container runs: not as root, and in the volume's group. */
const AS_POD = { uid: POD, gid: POD };

/** A volume as Kubernetes mounts it with `fsGroup`: root's, and the group may write. */
function volume(mode: number): { readonly home: string; readonly folder: string } {
  const home = freshHome();
  chownSync(home, POD, POD);
  const folder = path.join(home, "data");
  mkdirSync(folder);
  mkdirSync(path.join(folder, "lost+found"));
  chownSync(folder, 0, POD);
  chmodSync(folder, mode);
  return { home, folder };
}

// Only root can become another account.
it.skipIf(!canSwitch)(
  "a volume that root owns is used where only its group may write, twice in a row, and refused where everybody may",
  async () => {
    const { home, folder } = volume(0o2775);
    const env = { PAIRING_STORAGE_PATH: folder };
    for (let start = 1; start <= 2; start += 1) {
      const server = await startHeadless(home, env, [CLI, "serve"], AS_POD);
      expect(await (await fetch(`${server.localAddress}/readyz`)).json()).toMatchObject({ status: expect.any(String) });
      server.child.kill("SIGTERM");
      expect((await server.ended).code).toBe(0);
    }
    for (const name of readdirSync(folder).filter((one) => one !== "lost+found"))
      expect([name, statSync(path.join(folder, name)).uid]).toEqual([name, POD]);

    const open = volume(0o777);
    const refused = await run([CLI, "serve"], { HOME: open.home, PAIRING_STORAGE_PATH: open.folder, PAIRING_PORT: "0" }, AS_POD).ended;
    expect(refused).toEqual({ code: 1, printed: expect.stringMatching(/^Every account can write into the storage folder .*\n$/) });

    // The same folder under another account, as after `sudo`: nothing is mixed.
    const before = readdirSync(folder);
    const asRoot = await run([CLI, "serve"], { HOME: home, PAIRING_STORAGE_PATH: folder, PAIRING_PORT: "0" }).ended;
    expect(asRoot).toEqual({ code: 1, printed: expect.stringMatching(/belongs to another account \(uid 1000\)\. .*\n$/) });
    expect(readdirSync(folder)).toEqual(before);
  },
);
