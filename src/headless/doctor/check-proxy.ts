import { readProxySettings } from "../../host/inspect-host.ts";
import { say } from "../../words/say.ts";
import { type Finding, failed, ok, warning } from "./check.ts";

/** Which proxy this environment names for connections that leave this computer. A server that runs may have another environment. */
export function checkProxy(env: NodeJS.ProcessEnv): Finding {
  const { proxies, unused, noProxy, faults } = readProxySettings(env);
  if (faults.length > 0) return failed(faults.join("; "), say("doctor.proxyFault"));
  if (unused.length > 0) return warning(unused.join(" "), say("doctor.proxyUnused"));
  if (proxies.length === 0) return ok(say("doctor.proxyNone"));
  const named = proxies.map((proxy) => say("doctor.proxyIs", proxy)).join(", ");
  return ok(noProxy === undefined ? say("doctor.proxySet", { proxies: named }) : say("doctor.proxySetDirect", { proxies: named, noProxy }));
}
