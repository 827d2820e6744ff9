import { type Device, deliveredUpTo } from "../../../core/index.ts";
import { MAX_BYTES_FOR_ONE, MAX_FOR_ONE, MAX_LOST, messageBytes, type RowChanges } from "../../../core/store/index.ts";
import { deviceColumn, type InboxRow, type QueueRow, rankOf } from "./columns.ts";
import type { Query } from "./connection.ts";
import type { LoadedRows } from "./load-rows.ts";

/** What is written of the phones' queues. */
export interface OutboxWrites {
  readonly inboxes: readonly InboxRow[];
  readonly added: readonly QueueRow[];
  readonly dropped: readonly { readonly device: string; readonly seq: number }[];
  /** Everything up to `seq` leaves the queue. */
  readonly gone: readonly { readonly device: string; readonly seq: number }[];
}

interface Plan {
  readonly phone: Pick<Device, "userId" | "deviceId">;
  readonly device: string;
  queued: number;
  bytes: number;
  added: QueueRow[];
  goneSeq: number;
}

interface Candidate {
  readonly seq: number;
  readonly rank: number;
  readonly bytes: number;
  readonly mustStay: boolean;
}

const CANDIDATES = 500;

/**
 * One phone's queue is bounded as in the other stores. The limits on all phones together are limits of a process's memory, and do not
 * apply to a database.
 */
export async function planOutbox(query: Query, changes: readonly RowChanges[], rows: LoadedRows): Promise<OutboxWrites> {
  const plans = new Map<string, Plan>();
  const planOf = (phone: Plan["phone"]): Plan => {
    const device = deviceColumn(phone);
    const { queued = 0, bytes = 0 } = rows.inboxes.get(device) ?? {};
    const plan = plans.get(device) ?? { phone, device, queued, bytes, added: [], goneSeq: 0 };
    plans.set(device, plan);
    return plan;
  };
  for (const { messages = [], inboxes = [] } of changes) {
    for (const message of messages) {
      const [rank, bytes] = [rankOf(message), messageBytes(message)];
      for (const { seq, ...phone } of message.to) {
        const plan = planOf(phone);
        plan.added.push({ device: plan.device, seq, rank, bytes, messageId: message.messageId });
      }
    }
    for (const { kind, seq, ...phone } of inboxes) {
      const plan = planOf(phone);
      if (kind !== "gone") continue;
      // It is the number of the last message: nothing stays.
      Object.assign(plan, { queued: 0, bytes: 0, goneSeq: seq, added: plan.added.filter((entry) => entry.seq > seq) });
    }
  }
  const dropped: { device: string; seq: number }[] = [];
  const inboxes: InboxRow[] = [];
  for (const plan of plans.values()) {
    const { lost = [], ...inbox } = rows.ledger.outbox.inbox(plan.phone);
    // More than fits came at once.
    plan.added = plan.added.filter(({ seq }) => !lost.includes(seq));
    plan.queued += plan.added.length;
    plan.bytes += plan.added.reduce((sum, { bytes }) => sum + bytes, 0);
    const surplus = await takeSurplus(query, plan, rows);
    dropped.push(...surplus.map((seq) => ({ device: plan.device, seq })));
    const missed = [...lost, ...surplus.filter((seq) => seq > deliveredUpTo(inbox))].slice(-MAX_LOST);
    inboxes.push({ inbox: missed.length > 0 ? { ...inbox, lost: missed } : inbox, queued: plan.queued, bytes: plan.bytes });
  }
  const gone = [...plans.values()].filter(({ goneSeq }) => goneSeq > 0).map(({ device, goneSeq }) => ({ device, seq: goneSeq }));
  return { inboxes, added: [...plans.values()].flatMap(({ added }) => added), dropped, gone };
}

/** Drops the oldest of the lowest class until the queue fits. Returns the numbers of those that are dropped. */
async function takeSurplus(query: Query, plan: Plan, rows: LoadedRows): Promise<readonly number[]> {
  const dropped: number[] = [];
  if (!isFull(plan)) return dropped;
  const candidates = createCandidates(query, plan, rows);
  while (isFull(plan)) {
    const least = await candidates.next();
    if (!least) break;
    if (least.mustStay) continue;
    dropped.push(least.seq);
    plan.queued -= 1;
    plan.bytes -= least.bytes;
  }
  plan.added = plan.added.filter(({ seq }) => !dropped.includes(seq));
  return dropped;
}

function isFull({ queued, bytes }: Plan): boolean {
  return queued > MAX_FOR_ONE || (queued > 1 && bytes > MAX_BYTES_FOR_ONE);
}

/** The queue, what is least important first: what is stored, merged with what is new. */
function createCandidates(query: Query, plan: Plan, { ledger }: LoadedRows): { next(): Promise<Candidate | undefined> } {
  const isPending = (approvalId: string): boolean => ledger.approvals.get(approvalId)?.status === "pending";
  const fresh: Candidate[] = plan.added
    .map((entry) => {
      const content = ledger.outbox.find(entry.messageId)?.content;
      return { ...entry, mustStay: content?.type === "approval_request" && isPending(content.approvalId) };
    })
    .sort((one, other) => one.rank - other.rank || one.seq - other.seq);
  let stored: Candidate[] = [];
  let after: Pick<Candidate, "rank" | "seq"> | undefined = plan.goneSeq > 0 ? undefined : { rank: -1, seq: 0 };
  return {
    async next() {
      if (stored.length === 0 && after) {
        const found = await query(READ_LEAST, [plan.device, after.rank, after.seq, CANDIDATES]);
        stored = found.map(({ seq, rank, bytes, waits }) => ({
          seq: seq as number,
          rank: rank as number,
          bytes: bytes as number,
          mustStay: waits === true,
        }));
        after = stored.length === CANDIDATES ? stored.at(-1) : undefined;
      }
      const [old, young] = [stored[0], fresh[0]];
      return (old && (!young || old.rank <= young.rank) ? stored : fresh).shift();
    },
  };
}

const READ_LEAST = `
select q.seq, q.rank, q.bytes, m.type = 'approval_request' and a.status = 'pending' as waits
from topdog.queue q
join topdog.messages m on m.message_id = q.message_id
left join topdog.approvals a on a.approval_id = m.approval_id
where q.device_key = $1 and (q.rank, q.seq) > ($2::bigint, $3::bigint)
order by q.rank, q.seq limit $4`;
