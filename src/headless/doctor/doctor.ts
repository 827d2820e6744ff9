import { release } from "node:os";
import packageJson from "../../../package.json" with { type: "json" };
import { inspectHost } from "../../host/inspect-host.ts";
import { checkSettings } from "../../host/open-settings.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { unknownVariables } from "../../settings/unknown-variables.ts";
import { defaultFolder } from "../default-folder.ts";
import { askServer } from "./ask-server.ts";
import { type Check, type Finding, failed, ok, warning } from "./check.ts";
import { checkClock } from "./check-clock.ts";
import { checkLocalDoor, checkMqtt, checkPhoneDoor, checkPublicAddress, checkTunnel } from "./check-doors.ts";
import { checkPush, checkSms } from "./check-messages.ts";
import { checkProxy } from "./check-proxy.ts";
import { checkData, checkFolder, checkKey, checkSecrets, checkSpace, readLockStatus } from "./check-storage.ts";
import { checksAsJson, checksAsLines } from "./print-checks.ts";
import { redactionFor } from "./redact.ts";

/**
 * Looks at the server that this environment names and at what it needs, and prints a line for each. Everything is only looked at; all
 * that is printed may be shown to anybody. Resolves with the exit code: 0 nothing failed, 1 something did.
 */
export async function doctor(env: NodeJS.ProcessEnv, json: boolean): Promise<number> {
  const redact = redactionFor(env);
  const checks = (await examine(env)).map((check) => ({
    ...check,
    seen: redact(check.seen),
    ...(check.todo === undefined ? {} : { todo: redact(check.todo) }),
  }));
  process.stdout.write(`${(json ? checksAsJson : checksAsLines)(checks)}\n`);
  return checks.some(({ state }) => state === "failed") ? 1 : 0;
}

async function examine(env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const { settings, faults } = checkSettings(env, { storageFolder: defaultFolder() });
  const seen = await askServer(settings);
  const host = await inspectHost(settings);
  const { storageFolder } = settings;
  const checks: readonly Check[] = [
    { name: "versions", title: "Versions", ...versions() },
    { name: "settings", title: "Settings", ...settingsFinding(settings, faults, unknownVariables(env)) },
    { name: "local_door", title: "Local door", ...(await checkLocalDoor(seen, host)) },
    { name: "phone_door", title: "Phone door", ...(await checkPhoneDoor(seen)) },
    { name: "public_address", title: "Public address", ...checkPublicAddress(seen, settings, host) },
    { name: "tunnel", title: "Tunnel", ...checkTunnel(seen, host) },
    { name: "proxy", title: "Proxy", ...checkProxy(env) },
    { name: "mqtt", title: "MQTT", ...(await checkMqtt(seen, settings)) },
    { name: "push", title: "Push", ...checkPush(seen, host) },
    { name: "sms", title: "Text messages", ...checkSms(seen, host) },
    { name: "secrets", title: "Secrets", ...checkSecrets(seen, host) },
    { name: "key", title: "Signing key", ...(await checkKey(seen, host)) },
    { name: "storage_folder", title: "Storage folder", ...checkFolder(storageFolder, host.storage, seen) },
    { name: "disk_space", title: "Disk space", ...checkSpace(host.storage) },
    { name: "data", title: "Stored data", ...checkData(host.storage, Date.now()) },
    { name: "clock", title: "Clock", ...checkClock(seen, host.storage, Date.now()) },
    { name: "lock", title: "Lock", ...readLockStatus(host.storage, seen) },
  ];
  if ("doors" in seen) seen.doors.agent.destroy();
  return checks;
}

function versions(): Finding {
  const line = `topdog-phone ${packageJson.version}, Node.js ${process.versions.node}, ${process.platform} ${release()} ${process.arch}`;
  const needed = packageJson.engines.node.replace(/^>=/, "");
  return isAtLeast(process.versions.node, needed) ? ok(line) : failed(line, `Install Node.js ${needed} or newer.`);
}

function isAtLeast(version: string, needed: string): boolean {
  const [have, want] = [version, needed].map((text) => text.split(".").map(Number));
  for (const [index, number] of (want ?? []).entries()) {
    const own = have?.[index] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}

function settingsFinding({ adminTokenWeak }: Settings, faults: readonly string[], warnings: readonly string[]): Finding {
  if (faults.length > 0)
    return failed(faults.join("; "), "Correct that (docs/configuration.md). Where one is wrong its default was looked at.");
  const weak = adminTokenWeak === undefined ? [] : [`ADMIN_TOKEN ${adminTokenWeak}.`];
  if (weak.length + warnings.length === 0) return ok("No faults.");
  return warning(
    [...weak, ...warnings].join(" "),
    [
      ...(weak.length > 0 ? ["Make a better one: openssl rand -hex 32"] : []),
      ...(warnings.length > 0 ? ["Correct the name, or take the variable away (docs/configuration.md)."] : []),
    ].join(". "),
  );
}
