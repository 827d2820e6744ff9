import type { HostReport } from "../../host/inspect-host.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import { NoAnswer, rejectionSentence } from "../ask-door.ts";
import { statusAndCode } from "../verify/server.ts";
import type { Open, ServerSeen } from "./ask-server.ts";
import { type Finding, failed, ok, warning } from "./check.ts";
import { openMqtt } from "./open-mqtt.ts";

/** A server that is not running is not a failure; one that uses the folder and does not answer is. */
export async function checkLocalDoor(seen: ServerSeen, { storage: { lock } }: HostReport): Promise<Finding> {
  if (!("doors" in seen)) {
    if (seen.kind === "stranger") return failed(seen.sentence, say("doctor.stopStranger"));
    if (lock.kind !== "held") return warning(seen.sentence);
    return failed(say("doctor.lockedNoAnswer", { address: seen.address, pid: lock.pid }), say("doctor.lockedNoAnswerTodo"));
  }
  const { localAddress } = seen.doors;
  const ready = await seen.server.local("ready", {}).catch((cause: unknown) => {
    if (cause instanceof NoAnswer) return cause;
    throw cause;
  });
  if (ready instanceof NoAnswer) return failed(ready.message, say("doctor.serverLog"));
  if (ready.status !== 200)
    return failed(say("doctor.localNotReady", { address: localAddress, why: rejectionSentence(localAddress, ready) }));
  if (seen.kind === "closed") return warning(say("doctor.localClosed", { address: localAddress, why: seen.sentence }), seen.todo);
  return ok(say("doctor.localOk", { address: localAddress }));
}

export async function checkPhoneDoor(seen: ServerSeen): Promise<Finding> {
  if (!("doors" in seen)) return warning(say("doctor.notChecked"));
  const { phoneAddress } = seen.doors;
  try {
    const answer = await seen.server.phone("alive", {});
    if (answer.status === 200) return ok(say("doctor.phoneOk", { address: phoneAddress }));
    return failed(say("doctor.phoneWrong", { address: phoneAddress, answer: statusAndCode(answer) }), say("doctor.phoneWrongTodo"));
  } catch (cause) {
    if (!(cause instanceof NoAnswer)) throw cause;
    return failed(cause.message, say("doctor.phoneNone"));
  }
}

/** The address in links, as the server itself reaches it from outside. */
export function checkPublicAddress(seen: ServerSeen, { baseUrl: wanted }: Settings, { connectivity }: HostReport): Finding {
  if (seen.kind === "open") {
    const { reach } = seen;
    const about = { address: reach.base_url, result: reach.sentence };
    const found = say("doctor.reached", about);
    if (!reach.reachable) return failed(found);
    if (wanted !== undefined && wanted !== reach.base_url)
      return warning(say("doctor.reachedOther", { ...about, wanted }), say("doctor.reachedOtherTodo"));
    return reach.result === "reached" ? ok(found) : warning(found);
  }
  if ("fault" in connectivity) return failed(connectivity.fault);
  const why = say(seen.kind === "closed" ? "doctor.notCheckedClosed" : "doctor.notChecked");
  return warning(
    connectivity.baseUrl === "" ? say("doctor.noAddress", { why }) : say("doctor.address", { address: connectivity.baseUrl, why }),
  );
}

export function checkTunnel(seen: ServerSeen, { connectivity }: HostReport): Finding {
  if (seen.kind === "open") return runningTunnel(seen);
  if ("fault" in connectivity) return failed(connectivity.fault);
  if (connectivity.tunnelAtStart && connectivity.baseUrl === "" && connectivity.failure !== undefined) return failed(connectivity.failure);
  if (connectivity.runner === "ngrok") {
    if (connectivity.failure !== undefined) return ok(say("doctor.ngrokUnused", { why: connectivity.failure }));
    return ok(say(connectivity.tunnelAtStart ? "doctor.ngrokStarts" : "doctor.ngrokWaits"));
  }
  if (connectivity.cloudflared === undefined) return ok(say("doctor.noCloudflared"));
  return ok(say(connectivity.tunnelAtStart ? "doctor.cloudflaredStarts" : "doctor.cloudflaredWaits", { path: connectivity.cloudflared }));
}

function runningTunnel({ connectivity: { tunnel, runner, cloudflared, ngrok, base_url: own, tunnel_at_start: atStart } }: Open): Finding {
  const { problem } = runner === "ngrok" ? ngrok : cloudflared;
  switch (tunnel.state) {
    case "online":
      return ok(say("doctor.tunnelOnline", { runner, since: tunnel.since, address: tunnel.address }));
    case "starting":
      return warning(say("doctor.tunnelStarting", { runner, since: tunnel.since }), say("doctor.again"));
    case "failed":
      return failed(
        tunnel.said === undefined ? tunnel.sentence : say("doctor.tunnelOutput", { why: tunnel.sentence, output: tunnel.said }),
      );
    case "off":
      if (own.value !== "") return ok(say("doctor.tunnelOffOwn"));
      if (atStart && problem !== undefined) return failed(problem);
      if (runner === "ngrok")
        return ok(problem === undefined ? say("doctor.tunnelOffNgrok") : say("doctor.tunnelOffNgrokWhy", { why: problem }));
      return ok(
        cloudflared.found === undefined ? say("doctor.tunnelOff") : say("doctor.tunnelOffCloudflared", { path: cloudflared.found }),
      );
    default:
      return tunnel satisfies never;
  }
}

/** Many proxies pass everything but WebSockets, so MQTT is tried from outside as well. */
export async function checkMqtt(seen: ServerSeen, { mqttBroker }: Settings): Promise<Finding> {
  if (!("doors" in seen)) {
    const why = say("doctor.notChecked");
    return warning(mqttBroker === undefined ? why : say("doctor.brokerNotChecked", { host: mqttBroker.host, why }));
  }
  if (seen.kind === "open" && seen.overview.broker) {
    const { host, state, sentence } = seen.overview.broker;
    if (state === "connected") return ok(say("doctor.brokerConnected", { host }));
    if (state === "standby") return ok(say("doctor.brokerStandby", { host }));
    if (state === "connecting") return warning(sentence ?? say("doctor.brokerConnecting", { host }), say("doctor.again"));
    return failed(sentence ?? say("doctor.brokerAway", { host }));
  }
  if (mqttBroker !== undefined) return ok(say("doctor.brokerForPhones", { host: mqttBroker.host }));
  const { phoneAddress, phoneHeaders } = seen.doors;
  const near = await openMqtt(phoneAddress, phoneHeaders);
  if (near !== undefined) return failed(say("doctor.noWebSocket", { address: phoneAddress, why: near }), say("doctor.serverLog"));
  if (seen.kind === "open" && seen.reach.result === "reached") {
    const { base_url: address } = seen.reach;
    const far = await openMqtt(address);
    if (far !== undefined) return warning(say("doctor.noWebSocketOutside", { address, why: far }), say("doctor.passWebSockets"));
    return ok(say("doctor.webSocket", { address }));
  }
  return ok(say("doctor.webSocket", { address: phoneAddress }));
}
