import type * as z from "zod";
import type { CallerClass } from "../contract/operations/operation.ts";
import type { AnswerOf, LaterOf, OPERATIONS, OperationName } from "../contract/operations.ts";
import type { Caller, Device, Instant, Pairing } from "../core/index.ts";
import type { Language } from "../words/languages.ts";
import type { DeviceConnections } from "./device-connections.ts";
import type { Later } from "./later.ts";
import type { WholeList } from "./lists.ts";
import type { LongPolls } from "./long-polls.ts";
import type { RecentLinks } from "./recent-links.ts";
import type { WindowSessions } from "./window-sessions.ts";

/** What handlers work with. */
export interface HandlerDeps {
  readonly pairing: Pairing;
  readonly settings: OperationSettings;
  /** Links that this process sent. */
  readonly links: RecentLinks;
  readonly polls: LongPolls;
  readonly connections: DeviceConnections;
  readonly windows: WindowSessions;
  /** Resolves while this server asks for requests. */
  readonly checkReady: () => Promise<void>;
  /** Another one after each start. */
  readonly runId: string;
  /** `undefined`: no broker is set. */
  readonly brokerStatus: () => AnswerOf<"overview">["broker"];
}

export interface OperationSettings {
  /** Read at each use: the settings page changes them. */
  readonly inUse: () => {
    readonly adminRequired: boolean;
    readonly mqttBroker: BrokerAddress | undefined;
    readonly userId: string;
    readonly userName: string;
    readonly country: string;
    readonly answersAtComputer: "window" | "never";
  };
  /** Resolves once programs need a new `local_key`. */
  readonly rotateLocalKey: () => Promise<unknown>;
  /** The ports that the doors are bound to. */
  readonly ports: () => { readonly local_port: number; readonly phone_port: number };
  /** `Set-Cookie` values that give a token to the phone's browser; an empty token removes it. */
  readonly deviceCookies: (token: string, expiresAt: Instant) => readonly string[];
}

/** The address of an MQTT broker of one's own, as phones get it. */
export interface BrokerAddress {
  readonly host: string;
  readonly phoneUrl?: string;
}

/** What a handler knows of the request beside its input. */
export interface RequestContext {
  readonly door: "local" | "phone";
  readonly caller: Caller;
  readonly callerClass: CallerClass;
  /** What guesses are counted by: the caller's address, or the network that one customer has. */
  readonly addressKey: string;
  /** The key of the settings page that asks, in a browser. */
  readonly windowKey?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** The language that the client reads, as far as its request says. */
  readonly language?: Language | undefined;
  /** The phone that asks; present for operations of phones. */
  readonly device?: Device | undefined;
  /** The request as it came, to check its signature; present for `signed` operations. Headers by lower-case name. */
  readonly signed?: { readonly headers: Readonly<Record<string, string | undefined>>; readonly body: string } | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Headers that an HTTP answer gets. Callers inside this process ignore them. */
  readonly headers: Record<string, string | readonly string[]>;
}

type Part<N extends OperationName, P extends string> = (typeof OPERATIONS)[N] extends { readonly [K in P]: infer S extends z.ZodType }
  ? z.output<S>
  : unknown;
export type Input<N extends OperationName> = Part<N, "params"> & Part<N, "query"> & Part<N, "body">;

/** What the operations of one subject do. */
export type Handlers<Names extends OperationName = OperationName> = {
  readonly [N in Names]: (deps: HandlerDeps, input: Input<N>, context: RequestContext) => Promise<HandledAnswer<N>>;
};
type HandledAnswer<N extends OperationName> =
  | AnswerOf<N>
  | (LaterOf<N> extends never ? never : Later<LaterOf<N>>)
  | ((typeof OPERATIONS)[N] extends { readonly pages: string } ? WholeList<AnswerOf<N>> : never);

/** The phone that asks; operations of phones have one. */
export function asking({ device }: RequestContext): Device {
  if (!device) throw new Error("an operation of phones was dispatched without its device");
  return device;
}
