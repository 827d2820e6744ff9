import type { AnswerOf } from "../../contract/operations.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import { NoAnswer } from "../ask-door.ts";
import { localDoorOf } from "../ask-local-door.ts";

import { connect, type FoundDoors, findServer, NoServer, RowFailure, type VerifiedServer } from "../verify/server.ts";

/** The running server, and how much it answers without the admin token. */
export type ServerSeen = Absent | Closed | Open;

/** `stranger`: another program answers there. */
export interface Absent {
  readonly kind: "none" | "stranger";
  readonly address: string;
  readonly sentence: string;
}

interface Answering {
  readonly doors: FoundDoors;
  readonly server: VerifiedServer;
}

/** It does not answer what only an admin may know. */
export interface Closed extends Answering {
  readonly kind: "closed";
  readonly sentence: string;
  readonly todo: string;
}

export interface Open extends Answering {
  readonly kind: "open";
  readonly overview: AnswerOf<"overview">;
  readonly sms: AnswerOf<"smsSettings">;
  readonly connectivity: AnswerOf<"reachability">;
  readonly reach: AnswerOf<"checkReach">;
}

/** Stops at the first error, so that a wrong admin token leaves a single line in the audit log. */
export async function askServer(settings: Settings): Promise<ServerSeen> {
  try {
    const doors = await findServer(settings);
    const server = connect(doors, await localDoorOf(settings), () => undefined);
    return await askAsAdmin({ doors, server });
  } catch (cause) {
    if (cause instanceof NoServer) return { kind: cause.stranger ? "stranger" : "none", address: cause.address, sentence: cause.message };
    throw cause;
  }
}

async function askAsAdmin(answering: Answering): Promise<Closed | Open> {
  const { call } = answering.server;
  try {
    const overview = await call("overview", {});
    const [sms, connectivity] = [await call("smsSettings", {}), await call("reachability", {})];
    return { kind: "open", ...answering, overview, sms, connectivity, reach: await call("checkReach", {}) };
  } catch (cause) {
    if (cause instanceof RowFailure) return { kind: "closed", ...answering, sentence: cause.message, todo: cause.todo };
    if (cause instanceof NoAnswer) return { kind: "closed", ...answering, sentence: cause.message, todo: say("doctor.serverLog") };
    throw cause;
  }
}
