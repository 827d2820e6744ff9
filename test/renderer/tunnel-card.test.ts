import { realpath } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { TunnelState } from "../../src/core/index.ts";
import { axe, openView } from "../browser.ts";
import { installCloudflared } from "../doubles/install-cloudflared.ts";
import { type OpenChoice, settingsPages, settle } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages("settings");

const ADDRESS = "https://calm-river-maps-song.trycloudflare.com";
const NOW = "2026-11-25T10:00:00Z";
const OFFLINE = "cloudflared can't reach Cloudflare. Check that this computer is online.";
const MISSING = "cloudflared isn't installed. Install it, or enter where it is, then start the tunnel again.";
const failed = (more: Omit<Extract<TunnelState, { kind: "failed" }>, "kind" | "failure"> = {}): TunnelState => ({
  kind: "failed",
  failure: "offline",
  ...more,
});

/** Without an own address. */
async function open(choice: OpenChoice = {}) {
  const { page, topdog } = await pages.open({ address: "", ...choice });
  const card = page.locator(".reachability");
  await page.getByRole("button", { name: "Change" }).click();
  const start = page.getByRole("button", { name: "Start tunnel" });
  await card.getByRole("heading", { name: "Tunnel", exact: true }).waitFor();
  return {
    page,
    card,
    start,
    summary: (): Promise<string> => card.locator("summary").first().innerText(),
    unseen: (text: string) => page.locator(".unseen").getByText(text).waitFor({ state: "attached" }),
    own: page.getByLabel("Public address", { exact: true }),
    saveOwn: page.getByRole("button", { name: "Save: Public address" }),
    topdog,
    calls: topdog.calls,
  };
}

describe("the tunnel", () => {
  it("goes from off to online by keyboard alone, and says so wherever the reader is", async () => {
    const { page, topdog } = await pages.open({ address: "" });
    const tabTo = async (name: string): Promise<void> => {
      for (let step = 0; step < 60; step += 1) {
        await page.keyboard.press("Tab");
        const here = await page.evaluate(() => {
          const element = document.activeElement as HTMLInputElement | null;
          return element?.labels?.[0]?.textContent ?? element?.getAttribute("aria-label") ?? element?.textContent ?? "";
        });
        if (here === name) return;
      }
      throw new Error(`the keyboard does not reach ${name}`);
    };
    await tabTo("Change");
    await page.keyboard.press("Enter");
    await tabTo("Start tunnel");
    await page.keyboard.press("Enter");
    await page.getByText("Starting… This can take half a minute.", { exact: true }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Stop tunnel");
    topdog.setTunnel({ kind: "online", since: Date.parse(NOW), address: ADDRESS });
    await page.getByText(`Online at ${ADDRESS} since 25 Nov 2026, 11:00`).waitFor();
    await page.locator(".unseen").getByText(`The tunnel is online at ${ADDRESS}`).waitFor({ state: "attached" });
    await expect.poll(() => page.locator(".connectivity dl").innerText()).toContain(ADDRESS);
    await tabTo("Start the tunnel when Top Dog starts");
    await page.keyboard.press("Space");
    await expect.poll(() => topdog.calls("saveReachability")).toEqual([{ tunnel_at_start: true }]);
    await expect.poll(() => page.getByRole("checkbox", { name: "Start the tunnel when Top Dog starts" }).isChecked()).toBe(true);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Off", { exact: true }).waitFor();
    await page.locator(".unseen").getByText("The tunnel is off.").waitFor({ state: "attached" });
    expect([topdog.calls("startTunnel"), topdog.calls("stopTunnel")]).toEqual([[{}], [{}]]);
  });

  it("shows why it failed, the program's output, and when it is tried again", async () => {
    const at = await open({
      at: NOW,
      prepare: ({ setTunnel }) => setTunnel(failed({ output: "dial tcp: no such host", again: Date.parse("2026-11-25T10:00:32Z") })),
    });
    await at.card.getByText(`${OFFLINE} Next attempt at 11:00:32.`).waitFor();
    await expect.poll(() => at.summary()).toContain("Tunnel failed");
    await at.card.getByText("Details", { exact: true }).click();
    await at.card.getByText("dial tcp: no such host").waitFor();
    await at.page.getByRole("button", { name: "Try now" }).click();
    await settle(at.page);
    await at.card.getByText(/^Starting…/).waitFor();
    at.topdog.setTunnel(failed({ again: Date.parse("2026-11-25T10:01:00Z") }));
    await settle(at.page);
    await at.unseen(`The tunnel failed. ${OFFLINE}`);
    await at.page.getByRole("button", { name: "Stop trying" }).click();
    await settle(at.page);
    await at.card.getByText("Off", { exact: true }).waitFor();
  });

  it("says how cloudflared is installed where it is not, and takes a path that was chosen", async () => {
    const at = await open({ withoutTunnels: true });
    await at.card.getByText(MISSING).waitFor();
    await at.card.getByText("brew install cloudflared").waitFor();
    await at.card.getByText("cloudflared location").click();
    const path = at.page.getByLabel("Path to cloudflared", { exact: true });
    await path.fill("/opt/nothing");
    await path.press("Enter");
    await at.card.getByText("There's no file at this path. Enter the full path of cloudflared.").waitFor();
    await expect
      .poll(() => path.evaluate((element) => [element === document.activeElement, element.getAttribute("aria-invalid")]))
      .toEqual([true, "true"]);
    const { file } = installCloudflared({ name: "online" });
    await path.fill(file);
    await path.press("Enter");
    await at.card.getByRole("status").getByText("Saved. The tunnel uses this file the next time it starts.").waitFor();
    await at.card.getByText(`Found at ${await realpath(file)}.`).waitFor();
    await expect.poll(() => at.card.getByText(MISSING).count()).toBe(0);
  });

  it("is not offered where the environment rules, and the variable is named", async () => {
    const at = await open({ env: { PAIRING_BASE_URL: "https://pair.example.com" } });
    await expect.poll(() => at.card.getByText("Set by PAIRING_BASE_URL. Change it there and restart Top Dog.").count()).toBe(2);
    expect([await at.start.count(), await at.saveOwn.count(), await at.own.getAttribute("readonly")]).toEqual([0, 0, ""]);
  });

  it("flags invites that were sent with the former address", async () => {
    const at = await open({
      async prepare({ setTunnel, invite }) {
        setTunnel({ kind: "online", since: Date.now(), address: ADDRESS });
        await invite();
      },
    });
    at.topdog.setTunnel({ kind: "off" });
    await openView(at.page, "Phones");
    await at.page.getByText("The public address has changed since this link was sent. Send a new link.").waitFor();
    await at.page.getByRole("button", { name: "Send a new link: invite to +1******2671" }).waitFor();
  });
});

describe("ngrok", () => {
  const TOKEN = "2abcDEFghiJKLmnoPQRstuVWXyz_7kLmNoPqRsTuVwXyZ1234";
  const ngrok = async ({ elsewhere }: Topdog): Promise<void> => {
    await elsewhere("saveReachability", { runner: "ngrok" });
  };
  const field = (page: Page) => page.getByLabel("ngrok authtoken", { exact: true });

  it("is chosen by keyboard, saved at once, and says what phones see and what it needs", async () => {
    const at = await open();
    const cloudflared = at.page.getByRole("radio", { name: "cloudflared" });
    expect([await cloudflared.isChecked(), await field(at.page).count()]).toEqual([true, 0]);
    await cloudflared.focus();
    await at.page.keyboard.press("ArrowDown");
    await field(at.page).waitFor();
    await expect.poll(() => at.page.getByRole("radio", { name: "ngrok" }).isChecked()).toBe(true);
    await at.unseen("Saved. It is used the next time the tunnel starts.");
    await at.card.getByText("On the free plan, phones see an ngrok page first and must tap to continue.").waitFor();
    await at.card.getByText("Requires an ngrok account").waitFor();
    // That is about another program now.
    await expect.poll(() => at.card.getByText("cloudflared location").count()).toBe(0);
    await expect.poll(() => at.calls("saveReachability")).toEqual([{ runner: "ngrok" }]);
  });

  it("takes an authtoken once, never shows it again, and lets it be replaced and removed", async () => {
    const at = await open({ prepare: ngrok });
    const input = field(at.page);
    await expect.poll(() => input.getAttribute("type")).toBe("password");
    await input.fill(`ngrok config add-authtoken ${TOKEN}`);
    await input.press("Enter");
    await at.card.getByText("ngrok authtoken must be the authtoken alone, without spaces.").waitFor();
    await expect.poll(() => at.calls("saveReachability")).toEqual([]);
    await input.fill(` ${TOKEN} `);
    await at.page.getByRole("button", { name: "Save: ngrok authtoken" }).click();
    await at.card.getByRole("status").getByText("Saved. It is used the next time the tunnel starts.").waitFor();
    await at.card.getByText("Set. It is never shown again.").waitFor();
    const replace = at.page.getByRole("button", { name: "Replace: ngrok authtoken" });
    await expect.poll(() => replace.evaluate((element) => element === document.activeElement)).toBe(true);
    await expect.poll(() => at.page.content()).not.toContain(TOKEN);
    await replace.click();
    await expect.poll(() => input.evaluate((element) => element === document.activeElement)).toBe(true);
    await expect.poll(() => input.inputValue()).toBe("");
    await at.page.getByRole("button", { name: "Keep: ngrok authtoken" }).click();
    await at.page.getByRole("button", { name: "Remove: ngrok authtoken" }).click();
    await at.card.getByRole("status").getByText("Removed.").waitFor();
    await expect.poll(() => input.evaluate((element) => element === document.activeElement)).toBe(true);
    await expect.poll(() => at.calls("saveReachability")).toEqual([{ ngrok_authtoken: TOKEN }, { ngrok_authtoken: "" }]);
  });

  it("keeps what was typed when it could not be saved, and says why", async () => {
    const at = await open({ prepare: ngrok });
    const detail = "The authtoken could not be kept, so nothing was changed. The keychain is locked.";
    at.topdog.refuse("saveReachability", { status: 503, code: "secrets_unavailable", detail });
    await field(at.page).fill(TOKEN);
    await field(at.page).press("Enter");
    await at.card.getByRole("alert").getByText(`Nothing was saved. ${detail}`).waitFor();
    await expect.poll(() => field(at.page).inputValue()).toBe(TOKEN);
  });

  it("has an authtoken of the environment's that the page cannot change", async () => {
    const at = await open({ env: { NGROK_AUTHTOKEN: TOKEN }, prepare: ngrok });
    await at.card.getByText("Set by NGROK_AUTHTOKEN. Change it there and restart Top Dog.").waitFor();
    await expect.poll(() => at.page.getByRole("button", { name: /ngrok authtoken/ }).count()).toBe(0);
  });

  it("says how its package is installed where it is not, and nothing of cloudflared", async () => {
    const problem = "The package @ngrok/ngrok isn't installed. Run npm install @ngrok/ngrok in Top Dog's folder, then restart Top Dog.";
    const at = await open({ withoutTunnels: true, prepare: ngrok });
    await at.card.getByText(problem).waitFor();
    expect([await at.card.getByText(MISSING).count(), await at.card.getByText("brew install cloudflared").count()]).toEqual([0, 0]);
  });

  it("cannot be chosen while the tunnel runs, and the page says what to do", async () => {
    const at = await open({ prepare: ({ setTunnel }) => setTunnel({ kind: "online", since: Date.parse(NOW), address: ADDRESS }) });
    await at.card.getByText("Stop the tunnel to choose another provider.").waitFor();
    const choice = at.page.getByRole("radio", { name: "ngrok" });
    await expect.poll(() => choice.getAttribute("aria-disabled")).toBe("true");
    await choice.click({ force: true });
    expect([await choice.isChecked(), await at.calls("saveReachability")]).toEqual([false, []]);
    await at.page.getByRole("button", { name: "Stop tunnel" }).click();
    await at.card.getByText("Off", { exact: true }).waitFor();
    await choice.click();
    await field(at.page).waitFor();
  });

  it("can be used by everybody, in light and dark, and fits into 320 pixels", async () => {
    const at = await open({ prepare: ngrok, context: { viewport: { width: 320, height: 900 }, reducedMotion: "reduce" } });
    const check = async (what: string): Promise<void> => {
      for (const colorScheme of ["light", "dark"] as const) {
        await at.page.emulateMedia({ colorScheme });
        expect([what, colorScheme, await axe(at.page, [".reachability"])]).toEqual([what, colorScheme, []]);
        const folder = process.env["PICTURES"];
        if (folder !== undefined) await at.card.screenshot({ path: `${folder}/ngrok-${what}-${colorScheme}.png`, animations: "disabled" });
      }
      expect([what, await at.page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([what, 320]);
    };
    await check("none");
    await field(at.page).fill("a b");
    await field(at.page).press("Enter");
    await at.card.getByText("without spaces").waitFor();
    await check("wrong");
    await field(at.page).fill(TOKEN);
    await field(at.page).press("Enter");
    await at.card.getByText("Set. It is never shown again.").waitFor();
    await check("set");
  });
});

describe("the own address", () => {
  it("is checked beside the field, saved, and can be taken back", async () => {
    const at = await open();
    await at.own.fill("pair.example.org");
    await at.saveOwn.click();
    await at.card.getByText("Public address must be a web address without a path, like https://pair.mycompany.com.").waitFor();
    await expect.poll(() => at.calls("saveReachability")).toEqual([]);
    await at.own.fill("https://pair.example.org");
    await at.own.press("Enter");
    await at.card.getByRole("status").getByText("Saved. New links use this address.").waitFor();
    await expect.poll(() => at.summary()).toContain("Own address");
    await expect.poll(() => at.page.locator(".connectivity dl").innerText()).toContain("https://pair.example.org");
    await at.card.getByRole("button", { name: "Undo" }).click();
    await at.card.getByRole("status").getByText("Removed. New links don't use it.").waitFor();
    await expect.poll(() => at.own.inputValue()).toBe("");
    await expect.poll(() => at.calls("saveReachability")).toEqual([{ base_url: "https://pair.example.org" }, { base_url: "" }]);
  });

  it("is kept while it is typed, whatever news arrives, and can be discarded", async () => {
    const at = await open();
    await at.own.fill("https://pair.exam");
    at.topdog.setTunnel({ kind: "starting", since: Date.parse(NOW) });
    await at.card.getByText(/^Starting…/).waitFor();
    await expect.poll(() => at.own.inputValue()).toBe("https://pair.exam");
    await at.card.getByRole("button", { name: "Discard changes" }).click();
    await expect.poll(() => at.own.inputValue()).toBe("");
    await at.card.getByText("Your changes were discarded.").waitFor();
  });

  it("says what was not saved", async () => {
    const at = await open();
    const detail =
      "The change could not be written to disk, so nothing was changed. Free space or repair the storage folder, then try again.";
    at.topdog.refuse("saveReachability", { status: 503, code: "storage_unavailable", detail });
    await at.own.fill("https://pair.example.org");
    await at.own.press("Enter");
    await at.card.getByRole("alert").getByText(`Nothing was saved. ${detail}`).waitFor();
    await expect.poll(() => at.own.inputValue()).toBe("https://pair.example.org");
  });
});

describe("the same Wi-Fi", () => {
  it("says what to do while the phone door is for this computer only", async () => {
    const at = await open();
    await at.card.getByText("start Top Dog with PAIRING_PHONE_HOST=0.0.0.0.").waitFor();
  });

  it("is used with a plain warning", async () => {
    const at = await open({ localNetwork: ["http://192.168.1.20:8001"] });
    await at.card.getByText("Not encrypted, and only for phones on this network.").waitFor();
    await at.page.getByRole("button", { name: "Use this address: http://192.168.1.20:8001" }).click();
    await at.card.getByRole("status").getByText("Saved. New links and QR codes work only on this network.").waitFor();
    await at.card.getByText("In use").waitFor();
    await expect.poll(() => at.own.inputValue()).toBe("http://192.168.1.20:8001");
  });
});

it("names the commands of other tunnels, with the phone door's port", async () => {
  const at = await open({ phoneDoor: "http://127.0.0.1:8123" });
  await at.card.getByText("Other tunnels").click();
  await expect
    .poll(() => at.card.locator(".commands code").allInnerTexts())
    .toEqual(["tailscale funnel 8123", "devtunnel host -p 8123 --allow-anonymous", "ngrok http 8123"]);
});

it("can be used by everybody in each state, in light and dark, and fits into 320 pixels", async () => {
  const at = await open({
    localNetwork: ["http://192.168.100.200:18001"],
    withoutTunnels: true,
    context: { viewport: { width: 320, height: 900 }, reducedMotion: "reduce" },
  });
  await at.card.getByText("Other tunnels").click();
  await at.card.getByText("cloudflared location").click();
  const since = Date.parse(NOW);
  const states: readonly TunnelState[] = [
    { kind: "off" },
    { kind: "starting", since },
    { kind: "online", since, address: `https://${"a-long-word-".repeat(5)}end.trycloudflare.com` },
    failed({ output: "x".repeat(300), again: since }),
  ];
  for (const tunnel of states) {
    at.topdog.setTunnel(tunnel);
    await at.card.locator(`[data-state="${tunnel.kind}"]`).waitFor();
    if (tunnel.kind === "failed") await at.card.getByText("Details", { exact: true }).click();
    for (const colorScheme of ["light", "dark"] as const) {
      await at.page.emulateMedia({ colorScheme });
      expect([tunnel.kind, colorScheme, await axe(at.page, [".reachability"])]).toEqual([tunnel.kind, colorScheme, []]);
      const folder = process.env["PICTURES"];
      if (folder !== undefined) await at.card.screenshot({ path: `${folder}/${tunnel.kind}-${colorScheme}.png`, animations: "disabled" });
    }
    const wide = await at.page.evaluate(() =>
      [...document.querySelectorAll(".reachability *:not(.unseen)")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map(({ outerHTML }) => outerHTML.slice(0, 100)),
    );
    expect([tunnel.kind, wide, await at.page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([tunnel.kind, [], 320]);
  }
});
