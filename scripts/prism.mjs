// npm run test:prism: what is sent to Twilio and what our stand-in answers, both judged by Twilio's own OpenAPI (Prism, fetched once).
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/** The last that runs on Node.js 20. Not a dependency: it brings 200 packages that only this needs. */
const PRISM = "@stoplight/prism-cli@5.14.2";
const READY_WITHIN = 180_000;
const root = fileURLToPath(new URL("..", import.meta.url));
// Inside the project, so that the bundle finds its packages.
const work = mkdtempSync(path.join(root, "node_modules", ".prism-"));

const bundle = path.join(work, "check.mjs");
await build({
  entryPoints: [path.join(root, "test/prism/check.ts")],
  outfile: bundle,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  logLevel: "error",
});
let prism;
try {
  const { openDouble, check } = await import(pathToFileURL(bundle).href);
  const double = await openDouble();
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  prism = spawn(
    "npm",
    [
      "exec",
      "--yes",
      `--package=${PRISM}`,
      "--",
      "prism",
      "proxy",
      "-h",
      "127.0.0.1",
      "-p",
      String(port),
      "--errors",
      path.join(root, "test/doubles/twilio-openapi.json"),
      double.url,
    ],
    // A folder of its own, so that npm reads no other package.json; a group of its own, so that all of it can be ended.
    { cwd: tmpdir(), detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  let printed = "";
  prism.stdout.on("data", (bytes) => (printed += bytes));
  prism.stderr.on("data", (bytes) => (printed += bytes));
  await answering(address, prism, () => printed);
  const lines = await check(double, address);
  for (const line of lines) console.log(line);
  await double.close();
} finally {
  if (prism?.pid !== undefined && prism.exitCode === null) process.kill(-prism.pid, "SIGTERM");
  rmSync(work, { recursive: true, force: true });
}

async function answering(address, child, printed) {
  const until = Date.now() + READY_WITHIN;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`Prism ended:\n${printed()}`);
    const answered = await fetch(address).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Prism does not answer:\n${printed()}`);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
