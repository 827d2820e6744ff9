// The command line as it runs in a folder that somebody deleted.
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const folder = mkdtempSync(path.join(tmpdir(), "topdog deleted "));
process.chdir(folder);
rmdirSync(folder);
await import("../../dist/headless/cli.js");
