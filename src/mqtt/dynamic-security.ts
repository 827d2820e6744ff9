import * as z from "zod";
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
export type Answer = z.output<typeof Answers>["responses"][number];

export interface DynamicSecurity {
  /** Resolves with an answer for each command; rejects when there is none in time. One after another. */
  ask(commands: readonly Command[]): Promise<readonly Answer[]>;
  /** What the plugin published. */
  receive(payload: Uint8Array): void;
  /** Nobody answers any more. */
  lost(): void;
}

const ANSWERS_WITHIN = 10_000;

export function createDynamicSecurity(publish: (topic: string, payload: string) => Promise<unknown>): DynamicSecurity {
  let serial = 0;
  let waiting: { readonly name: string; readonly settle: (answers: readonly Answer[] | undefined) => void } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const askNow = async (commands: readonly Command[]): Promise<readonly Answer[]> => {
    serial += 1;
    const name = `topdog-${serial}`;
    const answers = await new Promise<readonly Answer[] | undefined>((resolve, reject) => {
      const late = setTimeout(() => resolve(undefined), ANSWERS_WITHIN).unref();
      waiting = {
        name,
        settle(found) {
          clearTimeout(late);
          resolve(found);
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
    async ask(commands) {
      const mine = last.then(async () => askNow(commands));
      last = mine.catch(() => undefined);
      return mine;
    },
    receive(payload) {
      let json: unknown;
      try {
        json = JSON.parse(new TextDecoder().decode(payload));
      } catch {
        return;
      }
      const read = Answers.safeParse(json);
      if (read.success && read.data.responses[0]?.correlationData === waiting?.name) waiting?.settle(read.data.responses);
    },
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

/** A client of the broker's that is one of our phones. */
export interface KnownClient {
  /** The topics it may reach; of which phone it is. */
  readonly tree: string;
  /** The id of the token that is its password. */
  readonly jti: string;
  readonly disabled: boolean;
}

/** By user name. What is not a phone's is left alone. */
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
export function addPhone(phone: {
  readonly deviceId: string;
  readonly tree: string;
  readonly jti: string;
  readonly token: string;
}): Command[] {
  const { deviceId, tree, jti, token } = phone;
  const allow = (acltype: string, topic: string): object => ({ acltype, topic, priority: 0, allow: true });
  const acls = [
    ...FROM_PHONE.map((type) => allow("publishClientSend", tree + type)),
    // What it says itself does not come back to it.
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

/** Takes its connection along. */
export function removePhone(deviceId: string, tree: string): Command[] {
  return [
    { command: "deleteClient", username: deviceId },
    { command: "deleteRole", rolename: roleOf(tree) },
  ];
}

/** The plugin's first user may manage it and no more: this is what it needs to write to phones. */
export function allowWriting(username: string): Command[] {
  return [
    {
      command: "createRole",
      rolename: "topdog server",
      acls: [
        { acltype: "publishClientSend", topic: "topdog/#", priority: 0, allow: true },
        { acltype: "publishClientReceive", topic: "topdog/#", priority: 0, allow: true },
        { acltype: "subscribePattern", topic: "topdog/#", priority: 0, allow: true },
      ],
    },
    { command: "addClientRole", username, rolename: "topdog server", priority: 0 },
  ];
}
