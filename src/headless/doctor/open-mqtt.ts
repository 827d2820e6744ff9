import { randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { OutgoingAgent } from "../../host/inspect-host.ts";
import { say } from "../../words/say.ts";

const TIMEOUT_MS = 10_000;

/** Whether a WebSocket for MQTT opens at the address: `undefined`, or what came instead. It is closed before any MQTT packet is sent. */
export function openMqtt(address: string, headers: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  const { request } = address.startsWith("https:") ? https : http;
  return new Promise((resolve) => {
    const asked = request(`${address}/mqtt`, {
      agent: new OutgoingAgent(),
      headers: {
        ...headers,
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        "Sec-WebSocket-Protocol": "mqtt",
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    asked.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve(undefined);
    });
    asked.on("response", ({ statusCode }) => {
      asked.destroy();
      resolve(say("doctor.answeredWith", { status: statusCode ?? 0 }));
    });
    asked.on("error", (cause) => resolve(say("doctor.answeredNothing", { code: (cause as NodeJS.ErrnoException).code ?? cause.name })));
    asked.end();
  });
}
