// npm test: brings what the tests need, builds, checks, runs every suite.
// npm run test:quick: builds what is stale and runs the units, the contracts and the HTTP suites, without the thorough ones (vitest.config.ts).
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll, isStale } from "./build.mjs";
import { buildStandin } from "./build-standin.mjs";
import { installPackages } from "./debian.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

const isQuick = process.argv.includes("--quick");
const SLOWEST = 10;

if (isQuick) {
  if (isStale()) await buildAll();
} else {
  bringChromium();
  bringNginx();
  bringKeyring();
  bringMosquitto();
  bringPostgres();
  bringPgBouncer();
  bringShellTools();
  await buildAll({ types: true });
  await buildStandin(path.join(root, "test/electron-standin/dist"));
  run("npm", ["run", "--silent", "check"]);
}

const results = mkdtempSync(path.join(tmpdir(), "topdog-results-"));
const file = path.join(results, "results.json");
const chosen = isQuick ? ["unit", "system", "mocking"].map((name) => `--project=${name}`) : [];
const suites = spawnSync("npx", ["vitest", "run", ...chosen, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`], {
  stdio: "inherit",
  env: { ...process.env, ...(isQuick ? { TEST_QUICK: "1" } : {}) },
});
const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = JSON.parse(readFileSync(file, "utf8"));
rmSync(results, { recursive: true });
printSlowest(testResults);
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
process.exit(suites.status ?? 1);

function printSlowest(files) {
  const slowest = files
    .map(({ name, startTime, endTime }) => ({ name: path.relative(root, name), seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds);
  console.log("The slowest test files, in seconds:");
  for (const { name, seconds } of slowest.slice(0, SLOWEST)) console.log(`${seconds.toFixed(1).padStart(6)} ${name}`);
}

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** The browsers that the page tests and the desktop's stand-in drive: Debian's, installed when that is allowed. */
function bringChromium() {
  const chosen = process.env.CHROMIUM_PATH;
  const wanted = chosen === undefined ? ["/usr/bin/chromium", "/usr/bin/chromium-headless-shell"] : [chosen];
  if (wanted.every((command) => runs(command))) return;
  if (chosen === undefined) installPackages("Chromium for the page tests", ["chromium", "chromium-headless-shell", "fonts-dejavu-core"]);
  // The headless shell only makes the tests faster.
  if (runs(wanted[0])) return;
  console.error(`The page tests need Chromium at ${wanted[0]}. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.`);
  process.exit(1);
}

/** What stands in for a tunnel. Without it those tests are skipped, and say so. */
function bringNginx() {
  if (!runs("nginx", "-v")) installPackages("nginx for the tests of tunnels", ["nginx-light"]);
}

/** The broker of one's own, and its programs as phones. Without them those tests are skipped, and say so. */
function bringMosquitto() {
  if (!["mosquitto", "mosquitto_sub"].every(isInstalled))
    installPackages("Mosquitto for the tests of MQTT", ["mosquitto", "mosquitto-clients"]);
}

/** The database that servers share. Without it those tests are skipped, and say so. */
function bringPostgres() {
  if (existsSync("/usr/lib/postgresql")) return;
  if (!installPackages("PostgreSQL for the tests of the database", ["postgresql"]))
    console.log("PostgreSQL is not installed: the tests of the database are skipped (Debian: apt-get install postgresql).");
}

/** The connection pooler in front of that database. Without it those tests are skipped, and say so. */
function bringPgBouncer() {
  if (isInstalled("pgbouncer")) return;
  if (!installPackages("PgBouncer for the tests of the database", ["pgbouncer"]))
    console.log("PgBouncer is not installed: the tests of the database behind it are skipped (Debian: apt-get install pgbouncer).");
}

/** What the commands of the documents use. Without them those tests are skipped, and say so. */
function bringShellTools() {
  if (!["curl", "jq"].every(isInstalled)) installPackages("curl and jq for the commands of the documents", ["curl", "jq"]);
}

/** The keyring that the keychain tests open and lock. Where there is none they are left out, and say so. */
function bringKeyring() {
  const wanted = ["gnome-keyring-daemon", "dbus-daemon", "dbus-send"];
  if (process.platform !== "linux" || wanted.every(isInstalled)) return;
  installPackages("GNOME Keyring for the keychain tests", ["gnome-keyring", "libsecret-1-0", "dbus"]);
}

function runs(command, version = "--version") {
  return spawnSync(command, [version], { stdio: "ignore" }).status === 0;
}

function isInstalled(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}
