// Debian's packages that the tests need, installed where that is allowed (as root, with apt-get); elsewhere each test says what is missing.
import { spawnSync } from "node:child_process";

/** Another program, like unattended-upgrades on a fresh machine, may have the package system for minutes. */
const WAIT_SECONDS = 900;
const RETRY_SECONDS = 3;
const LOCKED = /Could not get lock|Unable to lock/;

/** Whether they could be installed. A service that one of them brings is not started. */
export function installPackages(what, packages) {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) return false;
  console.log(`Installing ${what} …`);
  return aptGet(["update"]) && aptGet(["install", "-y", "--no-install-recommends", ...packages]);
}

/**
 * apt-get waits for the locks of its lists and of dpkg by itself; at the lock of its downloads it gives up at once (apt 2.6), so it is
 * asked again.
 */
function aptGet(args) {
  const until = Date.now() + WAIT_SECONDS * 1000;
  for (let printed = false; ; printed = true) {
    const { status, stderr } = spawnSync("apt-get", ["-qq", "-o", `DPkg::Lock::Timeout=${WAIT_SECONDS}`, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      encoding: "utf8",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C", RUNLEVEL: "1" },
    });
    if (status === 0) return true;
    if (!LOCKED.test(stderr) || Date.now() > until) {
      process.stderr.write(stderr);
      return false;
    }
    if (!printed) console.log("Another program is installing packages; waiting for it …");
    spawnSync("sleep", [String(RETRY_SECONDS)]);
  }
}
