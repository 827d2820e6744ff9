import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ALL_OPTIONS } from "../../src/settings/options.ts";
import { startServer, type TestServer } from "../http/server.ts";
import { NOT_RUN } from "./commands-not-run.ts";
import { commandsOf, PAGES, type ShellCommand } from "./shell-commands.ts";

/** The commands of the documents, typed into a shell beside a server of this process. */

const CLI = path.resolve("dist/headless/cli.js");
const ADMIN_TOKEN = "a token that the commands of the documents send";
const MINUTE = 60_000;

interface World {
  readonly server: TestServer;
  /** Moves the server's clock. */
  pass(milliseconds: number): void;
}

interface Before {
  readonly page: string;
  readonly command: RegExp;
  run?(world: World): unknown;
  /** Variables of the shell that the page speaks of. */
  variables?(world: World): Promise<Readonly<Record<string, string>>>;
}

const GUIDE = "docs/phone-pairing-setup-guide.md";
const GATING = "docs/gating-an-agent.md";
/** What a page takes for granted before a command. */
const BEFORE: readonly Before[] = [
  { page: "README.md", command: /topdog-phone notify/, run: ({ server }) => server.pair() },
  // Not awaited: the command waits for it.
  { page: "README.md", command: /topdog-phone approve/, run: ({ server }) => void answerNext(server, "approve") },
  { page: GATING, command: /deploy\/production\.yaml/, run: ({ server }) => server.pair() },
  {
    page: GATING,
    command: /^topdog-phone approve (?!.* --timeout 1s)|gated\.sh|\| \.git|terraform/,
    run: ({ server }) => void answerNext(server, "approve"),
  },
  { page: GATING, command: /rm -rf/, run: ({ server }) => void answerNext(server, "reject") },
  { page: "docs/PHONE_PAIRING_COMPLETE_GUIDE.md", command: /iphone-12345\/confirm/, run: ({ server }) => server.pair("iphone-12345") },
  { page: "deploy/README.md", command: /revoke iphone-12345/, run: ({ server }) => server.pair("iphone-12345") },
  { page: GUIDE, command: /resend-sms/, run: ({ pass }) => pass(MINUTE) },
  { page: GUIDE, command: /^for n in/, run: ({ pass }) => pass(15 * MINUTE) },
  {
    page: GUIDE,
    command: /-X DELETE .*\/phone\/devices/,
    async variables({ server, pass }) {
      pass(15 * MINUTE);
      return { TOKEN: await server.pair("iphone-12345") };
    },
  },
  {
    page: GUIDE,
    command: /-w '%\{http_code\}\\n' http:\/\/localhost:8000\/phone\/devices$/,
    async run({ server }) {
      const closed = await server.local("PATCH", "/admin/settings", { body: { values: { PHONE_DEVICES_REQUIRE_ADMIN: "1" } } });
      expect([closed.status, closed.text]).toEqual([200, expect.anything()]);
    },
  },
  {
    page: GUIDE,
    command: /jq -r \.status/,
    async variables({ server, pass }) {
      const code = await server.invite();
      pass(16 * MINUTE);
      return { CODE: code };
    },
  },
];

const ALL_COMMANDS = PAGES.flatMap(commandsOf);
const missing = ["bash", "curl", "jq", "openssl"].filter((program) => spawnSync(program, ["--version"]).error !== undefined);
const shells: { kill(): void }[] = [];
afterEach(() => {
  for (const shell of shells.splice(0)) shell.kill();
});

/** The name of the setting that a command gives a value to, without a program. */
function settingOf({ text, shell }: ShellCommand): string | undefined {
  return (shell === "powershell" ? /^\$env:(\w+)="[^"]*"$/ : /^(?:export )?([A-Z][A-Z_]+)=(?:"[^"$]*"|[^\s"$]*)(?:\s+#.*)?$/).exec(
    text,
  )?.[1];
}
/** Programs that change nothing but the test's own server and folders. */
const RUNS =
  /^(?:(?:CODE|TOKEN)=\$\()?(?:curl|(?:npx )?topdog-phone|examples\/gate\/\S+|cp examples\/gate\/|jq|tail|grep|echo|cd ~\/|for n in [\d ]+; do\s+curl)\s?/;
const isNotRun = (command: ShellCommand): boolean => NOT_RUN.some((row) => row.command.test(command.text));
const runOf = (page: string): ShellCommand[] =>
  commandsOf(page).filter((command) => command.shell === "sh" && RUNS.test(command.text) && !isNotRun(command));

describe("the commands of the documents", () => {
  it.skipIf(missing.length > 0 || process.platform === "win32").each(PAGES.filter((page) => runOf(page).length > 0))(
    "of %s do what it says",
    async (page) => {
      const world = await openWorld();
      const shell = openShell(world.server);
      for (const command of runOf(page)) {
        for (const row of BEFORE.filter((row) => row.page === page && row.command.test(command.text))) {
          await row.run?.(world);
          for (const [name, value] of Object.entries((await row.variables?.(world)) ?? {})) await shell.type(`${name}=${value}`);
        }
        const { code, printed } = await shell.type(command.text);
        const where = `${page}:${command.line} printed: ${printed}`;
        // Where the page shows what is printed, that counts: it may be an error.
        if (command.prints === undefined) expect([command.text, code], where).toEqual([command.text, 0]);
        else expect([command.text, printed], where).toEqual([command.text, command.prints.replace(/\s+/g, " ")]);
      }
    },
  );

  it("set only settings that exist", () => {
    const named = ALL_COMMANDS.flatMap((command) => settingOf(command) ?? []);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !(name.replace(/_FILE$/, "") in ALL_OPTIONS))).toEqual([]);
  });

  it("are all run here, or in the table of those that are not, which has no row too many", () => {
    const isKnown = (command: ShellCommand): boolean =>
      isNotRun(command) || settingOf(command) !== undefined || (command.shell === "sh" && RUNS.test(command.text));
    expect(ALL_COMMANDS.filter((command) => !isKnown(command))).toEqual([]);
    expect(PAGES.flatMap(runOf).length).toBeGreaterThan(45);
    expect(NOT_RUN.filter((row) => !ALL_COMMANDS.some(({ text }) => row.command.test(text)))).toEqual([]);
    expect(BEFORE.filter((row) => !runOf(row.page).some(({ text }) => row.command.test(text)))).toEqual([]);
    const files = NOT_RUN.flatMap(({ because }) => because.match(/test\/\S+\.ts/g) ?? []);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

async function openWorld(): Promise<World> {
  let ahead = 0;
  const folder = path.join(mkdtempSync(path.join(tmpdir(), "topdog-docs-")), ".topdog/pairing");
  mkdirSync(folder, { recursive: true });
  const clock = { now: () => Date.now() + ahead, steady: () => performance.now() + ahead };
  return {
    server: await startServer({ PAIRING_STORAGE_PATH: folder, ADMIN_TOKEN }, { clock }),
    pass: (milliseconds) => {
      ahead += milliseconds;
    },
  };
}

/** Answers at the computer what is asked next. */
async function answerNext(server: TestServer, decision: "approve" | "reject"): Promise<void> {
  const id = await vi.waitFor(
    async () => {
      const { body } = await server.local("GET", "/admin/approvals?status=pending");
      return (body.approvals[0] as { approval_id: string }).approval_id;
    },
    { timeout: 60_000, interval: 100 },
  );
  await server.local("POST", `/admin/approvals/${id}/decision`, { body: { decision } });
}

/** A shell that keeps its variables and its folder from one command to the next. */
function openShell(server: TestServer): { type(command: string): Promise<{ code: number; printed: string }> } {
  const home = path.resolve(server.folder, "../..");
  const work = mkdtempSync(path.join(tmpdir(), "topdog-docs-work-"));
  writeFileSync(path.join(work, "deploy.sh"), "#!/bin/sh\n", { mode: 0o755 });
  symlinkSync(path.resolve("examples"), path.join(work, "examples"));
  mkdirSync(path.join(work, ".git/hooks"), { recursive: true });
  // A program, as scripts call it too.
  writeFileSync(path.join(work, "topdog-phone"), `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(CLI)} "$@"\n`, {
    mode: 0o755,
  });
  const [localPort, phonePort] = [server.localAddress, server.phoneAddress].map((address) => new URL(address).port) as [string, string];
  const child = spawn("bash", ["--noprofile", "--norc"], {
    cwd: work,
    env: { PATH: `${work}:${process.env["PATH"] ?? ""}`, HOME: home, PAIRING_PORT: localPort, PAIRING_PHONE_PORT: phonePort, ADMIN_TOKEN },
  });
  shells.push(child);
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stdin.write(`set -o pipefail
curl() { command curl --fail-with-body "$@"; }
npx() { "$@"; }
`);
  /** What stands in the documents → what it is here. */
  const replaced = [
    ["http://localhost:8000", server.localAddress],
    ["http://localhost:8001", server.phoneAddress],
    ["https://pair.mycompany.com/", `${server.phoneAddress}/`],
    ["/media/usb/", `${work}/`],
    ["x-admin-token: try-me", `x-admin-token: ${ADMIN_TOKEN}`],
  ] as const;
  return {
    async type(command) {
      output = "";
      const typed = replaced.reduce((text, [from, to]) => text.replaceAll(from, to), command);
      expect(typed).not.toMatch(/https?:\/\/(?!127\.0\.0\.1:)/);
      child.stdin.write(`{ ${typed}\n} < /dev/null 2>&1\nprintf '\\n@@%d@@\\n' $?\n`);
      const [, printed = "", code = ""] = await vi.waitFor(
        () => {
          const ended = /^([\s\S]*)\n@@(\d+)@@\n$/.exec(output);
          if (ended === null) throw new Error(`"${command}" has not ended. It printed: ${output}`);
          return ended;
        },
        { timeout: 60_000, interval: 10 },
      );
      const shown = printed.replaceAll(localPort, "8000").replaceAll(phonePort, "8001");
      return { code: Number(code), printed: shown.trim().replace(/\s+/g, " ") };
    },
  };
}
