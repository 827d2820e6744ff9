#!/usr/bin/env node
import { guardOutput } from "../adapters/system/guard-output.ts";
import { leaveDeletedFolder } from "../adapters/system/working-folder.ts";
import { languageOfSystem } from "../settings/system-language.ts";
import { say, showOwnTextsIn } from "../words/say.ts";
import { createProgram } from "./program.ts";

leaveDeletedFolder();
await showOwnTextsIn(languageOfSystem(process.env));

/** Their exit code is a decision or a clean stop, which lost output does not change. */
const EXIT_CODE_IS_AN_ANSWER: readonly string[] = ["approve", "serve"];
let running = "";
guardOutput((code) => {
  if (running === "serve") process.stderr.write(`${say("commandLine.outputLost", { code })}\n`);
  // A reader that needs no more, like `head`, is not a failure.
  else if (code !== "EPIPE") process.stderr.write(`${say("commandLine.outputFailed", { code })}\n`);
  if (code !== "EPIPE" && !EXIT_CODE_IS_AN_ANSWER.includes(running)) process.exitCode ||= 1;
});

await createProgram((command) => {
  running = command;
}).parseAsync();
