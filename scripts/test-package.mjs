// npm run test:package: packs the app for Linux without the network and checks the result. Too slow for npm test.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll, isStale } from "./build.mjs";
import { buildStandin } from "./build-standin.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
if (isStale()) await buildAll();
buildStandin(path.join(root, "test/electron-standin/dist"));
const { status } = spawnSync("npx", ["vitest", "run", "--config", "vitest.package.config.ts"], { stdio: "inherit" });
process.exit(status ?? 1);
