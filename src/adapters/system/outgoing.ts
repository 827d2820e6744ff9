import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter } from "node:events";
import type { ClientRequest } from "node:http";
import net from "node:net";
import { type Duplex, duplexPair, pipeline } from "node:stream";
import tls from "node:tls";
import { Agent, type AgentConnectOpts } from "agent-base";
import { HttpsProxyAgent } from "https-proxy-agent";
import { messageOf } from "../../base/message-of.ts";
import { say } from "../../words/say.ts";
import { proxyFor } from "./proxy.ts";

/** The proxy let nobody through: what was to be sent is still here. */
class ProxyRefusedError extends Error {
  override readonly name = "ProxyRefusedError";
  readonly code = "ERR_PROXY_REFUSED";
}

/** A request failed before there was a connection to where it should go, so nothing of it was sent. */
export class NeverConnectedError extends Error {
  override readonly name = "NeverConnectedError";
}

const journeys = new AsyncLocalStorage<{ connected: boolean }>();

/** Does work that connects by an {@link OutgoingAgent}. What fails before a connection stood rejects with {@link NeverConnectedError}. */
export async function watchConnection<T>(work: () => Promise<T>): Promise<T> {
  const journey = { connected: false };
  try {
    return await journeys.run(journey, work);
  } catch (cause) {
    throw journey.connected ? cause : new NeverConnectedError(messageOf(cause, "unknown"), { cause });
  }
}

/**
 * Connections that leave this computer: through the proxy that the environment names for their address, or straight. Each request has
 * a connection of its own, since one that was kept may be closed by the other side just when it is used.
 */
export class OutgoingAgent extends Agent {
  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Duplex> {
    const journey = journeys.getStore();
    const socket = await open(request, options);
    const connected = (): void => {
      if (journey) journey.connected = true;
    };
    if (socket instanceof tls.TLSSocket) socket.once("secureConnect", connected);
    else if (socket instanceof net.Socket && socket.connecting) socket.once("connect", connected);
    else connected();
    return socket;
  }
}

async function open(request: ClientRequest, options: AgentConnectOpts): Promise<Duplex> {
  const { host = "localhost", port, secureEndpoint } = options;
  const proxy = proxyFor(`${secureEndpoint ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`);
  if (proxy !== undefined) return throughProxy(proxy, request, options);
  const own = { ...options };
  // The path of a request is none of a socket.
  Reflect.deleteProperty(own, "path");
  if (!own.secureEndpoint) return net.connect(own);
  return tls.connect({ ...own, ...(net.isIP(host) === 0 ? { servername: own.servername ?? host } : {}) });
}

async function throughProxy(proxy: string, request: ClientRequest, options: AgentConnectOpts): Promise<Duplex> {
  const agent = new HttpsProxyAgent(proxy);
  let status: number | undefined;
  agent.once("proxyConnect", (answer: { readonly statusCode: number }) => {
    status = answer.statusCode;
  });
  const socket = await agent.connect(request, options);
  if (status === 200) return socket;
  // Its answer would be read as the answer of who was asked.
  socket.destroy();
  throw new ProxyRefusedError(
    status === 407 ? say("server.proxyLogin") : say("server.proxyRefused", { status: status ?? say("server.noAnswer") }),
  );
}

/** A raw stream to a host through a proxy, at once; what goes wrong on the way destroys it. */
function streamThroughProxy(
  proxy: string,
  { host, port, secure }: { readonly host: string; readonly port: number; readonly secure: boolean },
): Duplex {
  const [near, far] = duplexPair();
  // Only its events are used.
  const request = new EventEmitter() as unknown as ClientRequest;
  throughProxy(proxy, request, { host, port, secureEndpoint: secure }).then(
    (socket) => {
      request.emit("socket", socket);
      pipeline(far, socket, far, (error) => {
        // The other side hung up: an end as any other.
        near.destroy(error && error.code !== "ERR_STREAM_PREMATURE_CLOSE" ? error : undefined);
      });
    },
    (cause: unknown) => near.destroy(cause instanceof Error ? cause : new Error("no connection")),
  );
  return near;
}

/** What a link to a broker needs to get through the proxy for its address: nothing where there is none. */
interface BrokerConnection {
  /** For WebSockets. */
  readonly agent?: Agent;
  /** For MQTT itself: a new stream for each connection. */
  readonly stream?: () => Duplex;
}

export function connectBroker(url: string): BrokerConnection {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "ws:" || protocol === "wss:") return { agent: new OutgoingAgent() };
  const secure = protocol === "mqtts:";
  const proxy = proxyFor(`https://${hostname}:${port || (secure ? 8883 : 1883)}`);
  if (proxy === undefined) return {};
  const to = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (secure ? 8883 : 1883)), secure };
  return { stream: () => streamThroughProxy(proxy, to) };
}
