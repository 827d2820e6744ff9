import { release } from "node:os";
import packageJson from "../../../package.json" with { type: "json" };
import { present } from "../../base/present.ts";
import { checkSettings } from "../../host/check-settings.ts";
import { inspectHost } from "../../host/inspect-host.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { unknownVariables } from "../../settings/unknown-variables.ts";
import { say } from "../../words/say.ts";
import { defaultFolder } from "../default-folder.ts";
import { askServer } from "./ask-server.ts";
import { type Check, type Finding, failed, ok, warning } from "./check.ts";
import { checkClock } from "./check-clock.ts";
import { checkDatabase } from "./check-database.ts";
import { checkLocalDoor, checkMqtt, checkPhoneDoor, checkPublicAddress, checkTunnel } from "./check-doors.ts";
import { checkPush, checkSms } from "./check-messages.ts";
import { checkProxy } from "./check-proxy.ts";
import { checkData, checkFolder, checkKey, checkSecrets, checkSpace, readLockStatus } from "./check-storage.ts";
import { checksAsJson, checksAsLines } from "./print-checks.ts";
import { redactionFor } from "./redact.ts";

/**
 * Checks the server that this environment names and everything it needs, and prints a line for each. It changes nothing, and its output
 * is safe to publish. Resolves with the exit code: 0 if no check failed, 1 if one did.
 */
export async function doctor(env: NodeJS.ProcessEnv, json: boolean): Promise<number> {
  const redact = redactionFor(env);
  const checks = (await examine(env)).map((check) => ({
    ...check,
    seen: redact(check.seen),
    ...present({ todo: check.todo === undefined ? undefined : redact(check.todo) }),
  }));
  process.stdout.write(`${(json ? checksAsJson : checksAsLines)(checks)}\n`);
  return checks.some(({ state }) => state === "failed") ? 1 : 0;
}

async function examine(env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const { settings, faults } = await checkSettings(env, { storageFolder: defaultFolder() });
  const seen = await askServer(settings);
  const host = await inspectHost(settings);
  const { storageFolder } = settings;
  const checks: readonly Check[] = [
    { name: "versions", title: say("doctor.versions"), ...versions() },
    { name: "settings", title: say("doctor.settings"), ...settingsFinding(settings, faults, unknownVariables(env)) },
    { name: "local_door", title: say("doctor.localDoor"), ...(await checkLocalDoor(seen, host)) },
    { name: "phone_door", title: say("doctor.phoneDoor"), ...(await checkPhoneDoor(seen)) },
    { name: "public_address", title: say("doctor.publicAddress"), ...checkPublicAddress(seen, settings, host) },
    { name: "tunnel", title: say("doctor.tunnel"), ...checkTunnel(seen, host) },
    { name: "proxy", title: say("doctor.proxy"), ...checkProxy(env) },
    { name: "mqtt", title: say("doctor.mqtt"), ...(await checkMqtt(seen, settings)) },
    { name: "push", title: say("doctor.push"), ...checkPush(seen, host) },
    { name: "sms", title: say("doctor.sms"), ...checkSms(seen, host) },
    { name: "secrets", title: say("doctor.secrets"), ...checkSecrets(seen, host) },
    { name: "key", title: say("doctor.key"), ...(await checkKey(seen, host)) },
    { name: "storage_folder", title: say("doctor.storageFolder"), ...checkFolder(storageFolder, host.storage, seen) },
    { name: "disk_space", title: say("doctor.diskSpace"), ...checkSpace(host.storage) },
    ...(host.database
      ? checkDatabase(host.database, Date.now())
      : [{ name: "data", title: say("doctor.data"), ...checkData(host.storage, Date.now()) }]),
    { name: "clock", title: say("doctor.clock"), ...checkClock(seen, host.storage, Date.now()) },
    // A database is nobody's alone.
    ...(host.database ? [] : [{ name: "lock", title: say("doctor.lock"), ...readLockStatus(host.storage, seen) }]),
  ];
  if ("doors" in seen) seen.doors.agent.destroy();
  return checks;
}

function versions(): Finding {
  const line = say("doctor.versionLine", {
    version: packageJson.version,
    node: process.versions.node,
    system: `${process.platform} ${release()} ${process.arch}`,
  });
  const needed = packageJson.engines.node.replace(/^>=/, "");
  return isAtLeast(process.versions.node, needed) ? ok(line) : failed(line, say("doctor.oldNode", { needed }));
}

function isAtLeast(version: string, needed: string): boolean {
  const [have, want] = [version, needed].map((text) => text.split(".").map(Number));
  for (const [index, number] of (want ?? []).entries()) {
    const own = have?.[index] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}

function settingsFinding({ adminTokenWeak, localAuth }: Settings, faults: readonly string[], unknown: readonly string[]): Finding {
  if (faults.length > 0) return failed(faults.join("; "), say("doctor.settingsFaults"));
  const found: readonly (readonly [seen: readonly string[], todo: string])[] = [
    [adminTokenWeak === undefined ? [] : [say("doctor.weakAdminToken", { why: adminTokenWeak })], say("doctor.betterToken")],
    [localAuth ? [] : [say("settingRules.localAuthOff")], say("verify.localAuthOffTodo")],
    [unknown, say("doctor.fixVariable")],
  ];
  const wrong = found.filter(([seen]) => seen.length > 0);
  if (wrong.length === 0) return ok(say("doctor.settingsOk"));
  return warning(wrong.flatMap(([seen]) => seen).join(" "), wrong.map(([, todo]) => todo).join(" "));
}
