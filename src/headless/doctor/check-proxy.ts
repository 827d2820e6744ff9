import { readProxySettings } from "../../host/inspect-host.ts";
import { type Finding, failed, ok, warning } from "./check.ts";

/** Which proxy this environment names for connections that leave this computer. A server that runs may have another environment. */
export function checkProxy(env: NodeJS.ProcessEnv): Finding {
  const { proxies, unused, noProxy, faults } = readProxySettings(env);
  if (faults.length > 0) return failed(faults.join("; "), "Correct the variable, or remove it.");
  if (unused.length > 0) return warning(unused.join(" "), "Set HTTPS_PROXY to an HTTP proxy, where one is needed.");
  if (proxies.length === 0) return ok("None is set: connections go straight out.");
  const named = proxies.map(({ name, address }) => `${name} is ${address}`).join(", ");
  return ok(`${named}; straight: this computer${noProxy === undefined ? "" : ` and NO_PROXY (${noProxy})`}.`);
}
