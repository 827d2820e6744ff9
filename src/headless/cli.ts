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

await program.parseAsync();
