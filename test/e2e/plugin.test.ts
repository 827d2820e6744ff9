import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { createClient as Create } from "../../src/client/index.ts";
import { openView } from "../browser.ts";
import { paired } from "../paired.ts";
import { desktopEnvironment, launchElectron, runtime } from "./desktop.ts";
import { type Packed, packAndInstall, root } from "./package.ts";

let packed: Packed;
beforeAll(() => {
  packed = packAndInstall();
});
afterAll(() => packed.remove());

const soon = { timeout: 20_000, interval: 20 };

/** What a program that embeds the plugin writes; each line uses a type that has to be found. */
const CONSUMER = `
import { activate, COMMANDS, contributes, deactivate, type Disposable, type PairedPhone, type PhoneCommand, type PhonePairing, type PluginHost } from "topdog-phone";
import { createClient, NoAnswer, Refused } from "topdog-phone/client";
import { type AnswerOf, OPERATIONS } from "topdog-phone/contract";
import { PhonePairingPanel } from "topdog-phone/renderer";

export async function embed(host: PluginHost): Promise<PhonePairing> {
  const phones = await activate(host);
  const heard: Disposable = phones.onDidPair((phone: PairedPhone) => host.log.info(phone.name + phone.pairedAt.toISOString()));
  heard.dispose();
  phones.onVoiceCommand([{ action: "deploy", targets: ["staging"] }], async (command: PhoneCommand) => command.target).dispose();
  // @ts-expect-error a phone has no token
  (await phones.devices())[0]?.jti;
  return phones;
}
export const ids: string[] = [COMMANDS.pairPhone, ...contributes.views.map(({ id }) => id)];
export const end: () => Promise<void> = deactivate;

export async function send(): Promise<AnswerOf<"sendInvite">> {
  const client = createClient({ address: "http://127.0.0.1:8000" });
  try {
    return await client.sendInvite({ phone_number: "+14155551234", user_id: "john" });
  } catch (cause) {
    if (cause instanceof Refused) throw new Error(cause.code + String(cause.retryAfter));
    throw cause instanceof NoAnswer ? new Error(OPERATIONS.sendInvite.path) : cause;
  }
}
// @ts-expect-error a user is missing
void createClient().sendInvite({ phone_number: "+14155551234" });
export const Panel = PhonePairingPanel;
`;

describe("the package", () => {
  it("has in it what its exports name, and nothing of the tests", async () => {
    const pkgDir = path.join(packed.project, "node_modules/topdog-phone");
    expect((await publint({ pkgDir, pack: false })).messages).toEqual([]);
    expect(readdirSync(pkgDir).sort()).toEqual(["CHANGELOG.md", "LICENSE", "NOTICE", "README.md", "dist", "package.json"].sort());
  });

  it("has types that every program finds", () => {
    const attw = spawnSync(
      path.join(root, "node_modules/.bin/attw"),
      [
        packed.tarball,
        ...["--profile", "esm-only", "--no-definitely-typed", "--no-color"],
        ...["--exclude-entrypoints", "./renderer.css", "./tokens.css"],
      ],
      { encoding: "utf8" },
    );
    expect(attw.status, attw.stdout).toBe(0);
    writeFileSync(path.join(packed.project, "consumer.ts"), CONSUMER);
    const options = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--types", "node", "--skipLibCheck"];
    const tsc = spawnSync(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), ...options, "consumer.ts"], {
      cwd: packed.project,
      encoding: "utf8",
    });
    expect([tsc.status, tsc.stdout]).toEqual([0, ""]);
  });
});

describe(`an IDE that embeds the plugin (${runtime})`, () => {
  it("pairs and revokes a phone, is notified of both, and releases everything when it ends", async () => {
    const userData = mkdtempSync(path.join(tmpdir(), "topdog-host-"));
    const app = await launchElectron({
      cwd: packed.project,
      args: [`--user-data-dir=${userData}`, "."],
      env: desktopEnvironment({ HOST_IDE_PORT: "0", HOST_IDE_PHONE_PORT: "0", ADMIN_TOKEN_FILE: "/nowhere" }),
    });
    let printed = "";
    const child = app.process();
    child.stdout?.on("data", (bytes: Buffer) => (printed += bytes.toString()));
    child.stderr?.on("data", (bytes: Buffer) => (printed += bytes.toString()));
    const ended = new Promise((resolve) => child.once("close", resolve));
    try {
      const page = await vi.waitFor(() => {
        const found = app.windows().find((window) => window.url().includes("index.html"));
        if (!found) throw new Error(`no view yet:\n${printed}`);
        return found;
      }, soon);
      await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("tel");
      await expect.poll(() => page.getByRole("heading", { name: "This app" }).count()).toBe(0);
      // What the IDE says is the IDE's to change: the name of its setting stands there.
      await page.getByRole("button", { name: "Skip setup" }).click();
      await openView(page, "Settings");
      await page.getByRole("heading", { name: "All settings", exact: true }).click();
      await expect.poll(() => page.getByRole("textbox", { name: "Your name", exact: true }).getAttribute("readonly")).not.toBeNull();
      await page.getByText("Set by PAIRING_USER_NAME. Change it there and restart Top Dog.").waitFor();
      await openView(page, "Phones");
      await page.getByLabel("Phone number").fill("+1 415 555 2671");
      await page.keyboard.press("Enter");
      await page.getByText("Printed, not sent.").waitFor();
      const code = await vi.waitFor(() => {
        const [link, found] = /(http\S+)\/pair\?code=[\w-]{43}/.exec(printed) ?? [];
        if (link === undefined || found === undefined) throw new Error(`no link in:\n${printed}`);
        return { door: found, code: link.split("code=")[1] ?? "" };
      }, soon);
      expect(printed).toContain("Hi Jane! Click to pair");
      const { createClient } = (await import(path.join(packed.project, "node_modules/topdog-phone/dist/embed/client.js"))) as {
        createClient: typeof Create;
      };
      const phone = createClient({ address: code.door });
      const accepted = await phone.acceptInvite({
        invite_code: code.code,
        device_id: "jane-1",
        device_name: "Jane's iPhone",
        device_type: "ios",
      });
      await vi.waitFor(() => expect(printed).toContain("Host IDE: Jane's iPhone is paired, phones: 1"), soon);
      await page.getByRole("heading", { name: "Jane's iPhone" }).waitFor();
      const jane = createClient({ address: code.door, deviceToken: paired(accepted).jwt_token });
      const spoken = { command_text: "build host project", device_id: "jane-1" };
      const { command_id: confirms } = await jane.voiceCommand(spoken);
      expect(await jane.voiceCommand({ ...spoken, confirms })).toMatchObject({ status: "accepted" });
      await vi.waitFor(
        async () =>
          expect((await jane.readInbox({})).messages).toContainEqual(
            expect.objectContaining({ type: "command_result", payload: expect.objectContaining({ message: "host project is built." }) }),
          ),
        soon,
      );
      expect(printed).toContain("Host IDE: a phone asks to build host project");
      await page.getByRole("button", { name: /^Revoke: / }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
      await vi.waitFor(() => expect(printed).toContain("Host IDE: Jane's iPhone is revoked"), soon);
    } finally {
      await app.close();
    }
    expect(await ended).toBe(0);
    expect(existsSync(path.join(userData, "phones/paired_devices.json"))).toBe(true);
    expect(readdirSync(path.join(userData, "phones")).filter((name) => name.includes("lock"))).toEqual([]);
  });
});
