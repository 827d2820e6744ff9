import * as z from "zod";
import { createSerialQueue } from "../base/serial-queue.ts";
import type { Device } from "../core/index.ts";
import { FROM_PHONE } from "./topics.ts";

/** Mosquitto's dynamic security plugin (mosquitto_dynamic_security, `$CONTROL/dynamic-security/v1`). */
const QUESTIONS = "$CONTROL/dynamic-security/v1";
export const DYNSEC_ANSWERS = `${QUESTIONS}/response`;

export type Command = { readonly command: string } & Readonly<Record<string, unknown>>;

const Answers = z.object({
  responses: z.array(
    z.object({ command: z.string(), error: z.string().optional(), correlationData: z.string().optional(), data: z.unknown().optional() }),
  ),
});
type Answer = z.output<typeof Answers>["responses"][number];

const ANSWER_TIMEOUT_MS = 10_000;

export type DynamicSecurity = ReturnType<typeof createDynamicSecurity>;

export function createDynamicSecurity(publish: (topic: string, payload: string) => Promise<unknown>) {
  const requests = createSerialQueue();
  let serial = 0;
  let waiting: { readonly name: string; readonly settle: (answers: readonly Answer[] | undefined) => void } | undefined;

  const ask = async (commands: readonly Command[]): Promise<readonly Answer[]> => {
    serial += 1;
    const name = `topdog-${serial}`;
    const answers = await new Promise<readonly Answer[] | undefined>((settle, reject) => {
      const timeout = setTimeout(() => settle(undefined), ANSWER_TIMEOUT_MS).unref();
      waiting = {
        name,
        settle(found) {
          clearTimeout(timeout);
          settle(found);
        },
      };
      publish(QUESTIONS, JSON.stringify({ commands: commands.map((command) => ({ ...command, correlationData: name })) })).catch(reject);
    }).finally(() => {
      waiting = undefined;
    });
    if (!answers) throw new Error("the broker's dynamic security plugin does not answer");
    return answers;
  };

  return {
    /** Resolves with an answer for each command; rejects when there is none in time. One request at a time. */
    ask: async (commands: readonly Command[]) => requests.run(async () => ask(commands)),
    /** What the plugin published. */
    receive(payload: Uint8Array): void {
      let json: unknown;
      try {
        json = JSON.parse(new TextDecoder().decode(payload));
      } catch {
        return;
      }
      const read = Answers.safeParse(json);
      if (read.success && read.data.responses[0]?.correlationData === waiting?.name) waiting?.settle(read.data.responses);
    },
    /** The connection ended: there will be no answer to the current request. */
    lost: () => waiting?.settle(undefined),
  };
}

const Clients = z.object({
  clients: z.array(
    z.object({
      username: z.string(),
      textname: z.string().optional(),
      textdescription: z.string().optional(),
      disabled: z.boolean().optional(),
    }),
  ),
});

/** A client at the broker that is one of our phones. */
export interface KnownClient {
  /** The topics that it may use, which name its phone. */
  readonly tree: string;
  /** The id of the token that is its password. */
  readonly jti: string;
  readonly disabled: boolean;
}

/** By user name. */
export async function listPhones(security: DynamicSecurity): Promise<Map<string, KnownClient>> {
  const [answer] = await security.ask([{ command: "listClients", verbose: true }]);
  if (answer?.error !== undefined) throw new Error(`listClients: ${answer.error}`);
  const known = new Map<string, KnownClient>();
  for (const { username, textname = "", textdescription = "", disabled = false } of Clients.parse(answer?.data).clients)
    known.set(username, { tree: textname, jti: textdescription, disabled });
  return known;
}

const roleOf = (tree: string): string => `phone ${tree}`;

/** A phone's client: its name and client id are the device id, its password is its token. */
export function addPhone({ deviceId, jti }: Pick<Device, "deviceId" | "jti">, tree: string, token: string): Command[] {
  const acls = [
    ...FROM_PHONE.map((type) => allow("publishClientSend", tree + type)),
    // Its own messages do not come back to it.
    ...FROM_PHONE.map((type) => ({ acltype: "publishClientReceive", topic: tree + type, priority: 1, allow: false })),
    allow("publishClientReceive", `${tree}#`),
    allow("subscribePattern", `${tree}#`),
    allow("unsubscribePattern", `${tree}#`),
  ];
  return [
    { command: "createRole", rolename: roleOf(tree), acls },
    {
      command: "createClient",
      username: deviceId,
      clientid: deviceId,
      password: token,
      textname: tree,
      textdescription: jti,
      roles: [{ rolename: roleOf(tree), priority: 0 }],
    },
  ];
}

/** Also ends the phone's connection. */
export function removePhone(deviceId: string, tree: string): Command[] {
  return [
    { command: "deleteClient", username: deviceId },
    { command: "deleteRole", rolename: roleOf(tree) },
  ];
}

/** The plugin's first user may only manage the plugin: this allows it to publish to phones and to subscribe. */
export function allowWriting(username: string): Command[] {
  const acls = ["publishClientSend", "publishClientReceive", "subscribePattern"].map((acltype) => allow(acltype, "topdog/#"));
  return [
    { command: "createRole", rolename: "topdog server", acls },
    { command: "addClientRole", username, rolename: "topdog server", priority: 0 },
  ];
}

function allow(acltype: string, topic: string): object {
  return { acltype, topic, priority: 0, allow: true };
}
