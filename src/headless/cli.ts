#!/usr/bin/env node
import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };

const program = new Command("topdog-phone")
  .description("Pair a phone with Top Dog by text message.")
  .version(packageJson.version)
  .showHelpAfterError("(topdog-phone --help lists what there is)");

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

await program.parseAsync();

/** What a command prints goes to standard output, why it failed to standard error. */
async function orSayWhy(work: Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await work}\n`);
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exitCode = 1;
  }
}
