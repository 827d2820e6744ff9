// What the machine itself can do, measured in the same run as what is compared with it.
import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import path from "node:path";

/** RSA-2048 signatures per second on one core, by OpenSSL's own benchmark. */
export function opensslSigns(seconds = 1) {
  const printed = execFileSync("openssl", ["speed", "-seconds", String(seconds), "rsa2048"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, signs] = /^rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)/m.exec(printed) ?? [];
  if (signs === undefined) throw new Error(`openssl speed printed:\n${printed}`);
  return Number(signs);
}

/** Appends of 200 bytes, each made durable before the next, per second. */
export function durableAppends(folder, seconds = 1) {
  const file = path.join(folder, "append");
  const fd = openSync(file, "a", 0o600);
  const line = Buffer.alloc(200, "x");
  const until = performance.now() + seconds * 1000;
  const began = performance.now();
  let done = 0;
  while (performance.now() < until) {
    writeSync(fd, line);
    fdatasyncSync(fd);
    done += 1;
  }
  const took = (performance.now() - began) / 1000;
  closeSync(fd);
  rmSync(file);
  return done / took;
}
