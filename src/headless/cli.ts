#!/usr/bin/env node
import { Command, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { guardOutput } from "../adapters/system/guard-output.ts";
import { leaveDeletedFolder } from "../adapters/system/working-folder.ts";
import { messageOf } from "../base/message-of.ts";
import { BUILD_STATUSES, PRIORITIES } from "../contract/build-words.ts";
import type { ApproveOptions } from "./approve.ts";
import type { RevokeOptions } from "./devices.ts";
import type { InviteOptions } from "./invite.ts";
import type { NotifyOptions } from "./notify.ts";

leaveDeletedFolder();

/** Their exit code is a decision or a clean stop: output that nobody could read changes nothing about it. */
const EXIT_CODE_IS_AN_ANSWER: readonly string[] = ["approve", "serve"];
let running = "";
guardOutput((code) => {
  if (running === "serve")
    process.stderr.write(
      `Standard output cannot be written any more (${code}). The server keeps running; the log file has mock messages.\n`,
    );
  // A reader that needs no more, like `head`, is no failure.
  else if (code !== "EPIPE") process.stderr.write(`The output could not be written (${code}).\n`);
  if (code !== "EPIPE" && !EXIT_CODE_IS_AN_ANSWER.includes(running)) process.exitCode ||= 1;
});

const program = new Command("topdog-phone")
  .description("Pair a phone with Top Dog by text message.")
  .version(packageJson.version)
  .showHelpAfterError("(topdog-phone --help lists what there is)")
  .hook("preAction", (_, command) => {
    running = command.name();
  });

program
  .command("serve")
  .description("run the pairing server without a window")
  .action(async () => {
    const { serve } = await import("./serve.ts");
    await serve(process.env, packageJson.version);
  });

program
  .command("qr")
  .description("show a QR code in the terminal and pair the phone that scans it")
  .option("--json", "print the server's answer, without the picture")
  .action(async ({ json }: { json?: true }) => {
    const { showQr } = await import("./show-qr.ts");
    await orSayWhy(showQr(process.env, json === true));
  });

program
  .command("invite")
  .description("send a pairing link by text message")
  .argument("<phone-number>", "with its country code: +14155551234")
  .option("--user <id>", "whose phone it is; without it PAIRING_USER_ID")
  .option("--name <name>", "whom the message greets")
  .option("--json", "print the server's answer")
  .action(async (phoneNumber: string, options: InviteOptions) => {
    const { invite } = await import("./invite.ts");
    await orSayWhy(invite(process.env, phoneNumber, options));
  });

program
  .command("devices")
  .description("list paired phones, the newest first")
  .option("--json", "print the server's answer")
  .action(async ({ json }: { json?: true }) => {
    const { devices } = await import("./devices.ts");
    await orSayWhy(devices(process.env, json === true));
  });

program
  .command("revoke")
  .description("take a phone's access away, at once and for good")
  .argument("<device-id>", "as topdog-phone devices lists it")
  .option("--user <id>", "whose phone is meant, where two users have one of the same id")
  .option("--json", "print the server's answer")
  .action(async (deviceId: string, options: RevokeOptions) => {
    const { revoke } = await import("./devices.ts");
    await orSayWhy(revoke(process.env, deviceId, options));
  });

program
  .command("notify")
  .description("send build news to phones")
  .argument("<message>")
  .addOption(new Option("--status <status>", "how the build stands").choices(BUILD_STATUSES).makeOptionMandatory())
  .requiredOption("--project <name>")
  .addOption(new Option("--priority <priority>", "how urgent it is").choices(PRIORITIES))
  .option("--action-required", "something is to be done")
  .option("--build <id>")
  .option("--device <id>", "one phone; without it all active ones")
  .option("--user <id>", "only this user's phones")
  .option("--json", "print the server's answer")
  .action(async (message: string, options: NotifyOptions) => {
    const { notify } = await import("./notify.ts");
    await orSayWhy(notify(process.env, message, options));
  });

program
  .command("approve")
  .description("ask phones and the desk, and wait: exit code 0 approved, 1 rejected, 2 expired or cancelled, 3 error")
  .requiredOption("--project <name>")
  .requiredOption("--plan <text>", "what will be done")
  .option("--by <name>", "who asks; without it the name of this computer's account")
  .option("--timeout <time>", "how long to wait: 90s, 10m, 2h", "10m")
  .option("--files <names...>", "files that change")
  .option("--duration <words>", "how long it will take", "an unknown time")
  .option("--build <id>")
  .option("--device <id>", "one phone; without it all active ones")
  .option("--user <id>", "only this user's phones")
  .option("--json", "print the answer as JSON")
  // A script must be able to tell a mistake from a no.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 3))
  .action(async (options: ApproveOptions) => {
    const { approve } = await import("./approve.ts");
    process.exitCode = await approve(process.env, options);
  });

program
  .command("rotate-key")
  .description("sign with a new key from now on; paired phones stay paired")
  .option("--json", "print the server's answer")
  .action(async ({ json }: { json?: true }) => {
    const { rotateKey } = await import("./rotate-key.ts");
    await orSayWhy(rotateKey(process.env, json === true));
  });

program
  .command("verify")
  .description(
    "run the guide's hardening checklist against the running server; exit code 0 when all rows pass, 1 when one fails, 3 without a server",
  )
  .option("--json", "print the rows as JSON")
  .option("--restart <command>", "restart the server by this command, instead of starting a second one on a copy of its storage folder")
  .option("--wait", "wait until an invite has ended, instead of moving the clock of the second one")
  .action(async ({ json, restart, wait }: { json?: true; restart?: string; wait?: true }) => {
    const { verify } = await import("./verify/verify.ts");
    process.exitCode = await verify(process.env, { json: json === true, restart, wait: wait === true }, packageJson.version);
  });

program
  .command("doctor")
  .description("look at the server and at all that it needs, running or not; exit code 0 when nothing failed, 1 when something did")
  .option("--json", "print the checks as JSON")
  .action(async ({ json }: { json?: true }) => {
    const { doctor } = await import("./doctor/doctor.ts");
    process.exitCode = await doctor(process.env, json === true);
  });

program
  .command("export")
  .description("write sessions, phones, revoked tokens and the audit trail for an auditor; beside a running server or without one")
  .argument("<folder>", "a new or empty one")
  .option("--json", "print what was written as JSON")
  .action(async (folder: string, { json }: { json?: true }) => {
    const { exportForAuditor } = await import("./export.ts");
    process.exitCode = await exportForAuditor(process.env, folder, json === true);
  });

await program.parseAsync();

/** What a command prints goes to standard output, why it failed to standard error. */
async function orSayWhy(work: Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await work}\n`);
  } catch (cause) {
    process.stderr.write(`${messageOf(cause)}\n`);
    process.exitCode = 1;
  }
}
