import type { HostReport } from "../../host/inspect-host.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { NoAnswer, rejectionSentence } from "../ask-door.ts";
import { spoken } from "../verify/verified-server.ts";
import type { Open, ServerSeen } from "./ask-server.ts";
import { type Finding, failed, ok, warning } from "./check.ts";
import { openMqtt } from "./open-mqtt.ts";

const NO_SERVER = "Not looked at: no server runs.";
const NOT_TOLD = "Not looked at: the running server did not say.";

/** The door of this computer. A server that merely does not run is no fault; one that holds the folder and does not answer is. */
export async function checkLocalDoor(seen: ServerSeen, { storage: { lock } }: HostReport): Promise<Finding> {
  if (!("doors" in seen)) {
    if (seen.kind === "stranger") return failed(seen.sentence, "Or stop what listens there, and start the server.");
    if (lock.kind !== "held") return warning(seen.sentence);
    return failed(
      `${seen.sentence.split(". ")[0] ?? ""}, but process ${lock.pid} has the storage folder.`,
      "Set PAIRING_HOST and PAIRING_PORT to where it listens, or stop it and start it again.",
    );
  }
  const { localAddress } = seen.doors;
  const ready = await seen.server.local("ready", {}).catch((cause: unknown) => {
    if (cause instanceof NoAnswer) return cause;
    throw cause;
  });
  if (ready instanceof NoAnswer) return failed(ready.message, "Look into the server's log.");
  if (ready.status !== 200) return failed(`${localAddress} answers, but is not ready: ${rejectionSentence(localAddress, ready)}`);
  if (seen.kind === "closed") return warning(`${localAddress} answers, but does not say more: ${seen.sentence}`, seen.todo);
  return ok(`${localAddress} answers, and its storage can be written.`);
}

export async function checkPhoneDoor(seen: ServerSeen): Promise<Finding> {
  if (!("doors" in seen)) return warning(NO_SERVER);
  const { phoneAddress } = seen.doors;
  try {
    const answer = await seen.server.phone("alive", {});
    if (answer.status === 200) return ok(`${phoneAddress} answers.`);
    return failed(`${phoneAddress} answered /healthz with ${spoken(answer)}.`, "Check that PAIRING_BASE_URL is the running server's.");
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause;
    return failed(cause.message, "Set PAIRING_PHONE_HOST to where the running server's phone door listens.");
  }
}

/** The way that links point: asked by the server itself, as a phone would. */
export function checkPublicAddress(seen: ServerSeen, { baseUrl: wanted }: Settings, { connectivity }: HostReport): Finding {
  if (seen.kind === "open") {
    const { reach } = seen;
    const found = `${reach.base_url}: ${reach.sentence}`;
    if (!reach.reachable) return failed(found);
    if (wanted !== undefined && wanted !== reach.base_url)
      return warning(`${found} PAIRING_BASE_URL is ${wanted} here.`, "Use the same environment for doctor and the server.");
    return reach.result === "reached" ? ok(found) : warning(found);
  }
  if ("fault" in connectivity) return failed(connectivity.fault);
  const address = connectivity.baseUrl === "" ? "None is set." : `${connectivity.baseUrl} is set.`;
  return warning(`${address} ${seen.kind === "closed" ? NOT_TOLD : NO_SERVER}`);
}

export function checkTunnel(seen: ServerSeen, { connectivity }: HostReport): Finding {
  if (seen.kind === "open") return runningTunnel(seen);
  if ("fault" in connectivity) return failed(connectivity.fault);
  if (connectivity.tunnelAtStart && connectivity.baseUrl === "" && connectivity.failure !== undefined) return failed(connectivity.failure);
  if (connectivity.runner === "ngrok") {
    const starts = connectivity.tunnelAtStart ? "it starts" : "it does not start";
    return ok(
      connectivity.failure === undefined
        ? `ngrok is chosen; ${starts} with the server.`
        : `ngrok is chosen and not used. ${connectivity.failure}`,
    );
  }
  if (connectivity.cloudflared === undefined) return ok("There is no cloudflared, and none is wanted.");
  return ok(
    `cloudflared is at ${connectivity.cloudflared}; ${connectivity.tunnelAtStart ? "it starts" : "it does not start"} with the server.`,
  );
}

function runningTunnel({ connectivity: { tunnel, runner, cloudflared, ngrok, base_url: own, tunnel_at_start: atStart } }: Open): Finding {
  const { problem } = runner === "ngrok" ? ngrok : cloudflared;
  switch (tunnel.state) {
    case "online":
      return ok(`${runner} is online since ${tunnel.since}: ${tunnel.address}`);
    case "starting":
      return warning(`${runner} is starting since ${tunnel.since}.`, "Run doctor again in a moment.");
    case "failed":
      return failed(tunnel.said === undefined ? tunnel.sentence : `${tunnel.sentence} It said: ${tunnel.said}`);
    case "off":
      if (own.value !== "") return ok("Off: an address of your own is set.");
      if (atStart && problem !== undefined) return failed(problem);
      if (runner === "ngrok") return ok(problem === undefined ? "Off; ngrok is chosen." : `Off; ngrok is chosen. ${problem}`);
      return ok(cloudflared.found === undefined ? "Off." : `Off; cloudflared is at ${cloudflared.found}.`);
    default:
      return tunnel satisfies never;
  }
}

/** The fast road. Proxies that let everything through but WebSockets are common, so it is tried from outside as well. */
export async function checkMqtt(seen: ServerSeen, { mqttBroker }: Settings): Promise<Finding> {
  if (!("doors" in seen))
    return mqttBroker === undefined ? warning(NO_SERVER) : warning(`The broker ${mqttBroker.host} is set. ${NO_SERVER}`);
  if (seen.kind === "open" && seen.overview.broker) {
    const { host, state, sentence } = seen.overview.broker;
    if (state === "connected") return ok(`The server is connected to ${host}.`);
    const said = sentence ?? `The broker ${host} is ${state}.`;
    return state === "connecting" ? warning(said, "Run doctor again in a moment.") : failed(said);
  }
  if (mqttBroker !== undefined) return ok(`Phones are told the broker ${mqttBroker.host}, which Top Dog does not connect to.`);
  const { phoneAddress, phoneHeaders } = seen.doors;
  const near = await openMqtt(phoneAddress, phoneHeaders);
  if (near !== undefined) return failed(`No WebSocket opens at ${phoneAddress}/mqtt: ${near}.`, "Look into the server's log.");
  if (seen.kind === "open" && seen.reach.result === "reached") {
    const { base_url: address } = seen.reach;
    const far = await openMqtt(address);
    if (far !== undefined)
      return warning(
        `A WebSocket opens at the phone door, but not at ${address}/mqtt: ${far}. Phones still have their inbox.`,
        "Have the tunnel or proxy pass WebSockets on (headers Upgrade and Connection).",
      );
    return ok(`A WebSocket opens at ${address}/mqtt.`);
  }
  return ok(`A WebSocket opens at ${phoneAddress}/mqtt.`);
}
