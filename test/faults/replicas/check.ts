import type { Client } from "./client.ts";
import type { Cluster } from "./cluster.ts";
import type { Model, PhoneRecord } from "./model.ts";

const AT_ONCE = 8;

/** Whether everything acknowledged is there; violations go to the model. */
export async function checkAll(model: Model, client: Client): Promise<void> {
  await inTurns(model.phones, async (phone) => checkPhone(phone, model, client));
  await inTurns(model.invites, async (invite) => checkInvite(invite, model, client));
  await inTurns(model.approvals, async (approval) => checkApproval(approval, model, client));
}

/** One of each, chosen by chance. */
export async function checkSome(model: Model, client: Client, roll: () => number): Promise<void> {
  const one = <Item>(items: readonly Item[]): readonly Item[] => items.slice(Math.floor(roll() * items.length)).slice(0, 1);
  for (const phone of one(model.phones)) await checkPhone(phone, model, client);
  for (const invite of one(model.invites)) await checkInvite(invite, model, client);
  for (const approval of one(model.approvals)) await checkApproval(approval, model, client);
}

async function checkPhone({ deviceId, token, status }: PhoneRecord, model: Model, client: Client): Promise<void> {
  const answered = await client.certainly("phone", "GET", "/phone/me", { headers: { authorization: `Bearer ${token}` }, fresh: true });
  if (answered.status !== (status === "active" ? 200 : 401))
    model.violated(
      status === "active" ? "lost" : "revoked",
      `${deviceId} is ${status}, and its token was answered ${answered.status} ${answered.body?.code}`,
    );
}

async function checkInvite({ code, status }: Model["invites"][number], model: Model, client: Client): Promise<void> {
  const { body } = await client.certainly("any", "GET", `/phone/pairing/invite/${code}`);
  if (body.status !== status) model.violated("lost", `an invite that was ${status} is ${body.status ?? body.code}`);
}

async function checkApproval({ id, status, decidedBy }: Model["approvals"][number], model: Model, client: Client): Promise<void> {
  const { body } = await client.certainly("local", "GET", `/phone/approvals/${id}`);
  if (body.status !== status || body.decided_by !== decidedBy)
    model.violated("lost", `an approval that was ${status} by ${decidedBy} is ${body.status ?? body.code} by ${body.decided_by}`);
}

const ONCE = ["accept_invite", "pair_device", "cancel_invite", "invite_expired", "approval_requested", "approval_decided", "revoke_device"];

/** The audit trail has no gap, and of what can happen once to an invite, an approval or a phone nothing twice. */
export async function checkTrail(model: Model, { query }: Pick<Cluster, "query">): Promise<void> {
  const rows = await query("select seq, line from topdog_phone.audit order by seq");
  const found = new Set<string>();
  for (const [index, row] of rows.entries()) {
    if (Number(row["seq"]) !== index + 1) return model.violated("lost", `the trail has ${String(row["seq"])} as its line ${index + 1}`);
    const { event, session_id = "", approval_id = "", device_id = "" } = JSON.parse(String(row["line"])) as Record<string, string>;
    if (!ONCE.includes(event ?? "")) continue;
    const about = approval_id || (event === "revoke_device" ? device_id : session_id);
    const key = `${event} ${about}`;
    if (found.has(key)) model.violated("twice", `the trail has twice: ${key}`);
    found.add(key);
  }
  for (const { id } of model.approvals)
    if (!found.has(`approval_decided ${id}`)) model.violated("lost", `the trail lacks the end of approval ${id}`);
  model.count("lines of the trail", rows.length);
}

async function inTurns<Item>(items: readonly Item[], check: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await check(item);
    }),
  );
}
