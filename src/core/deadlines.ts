import { PairingError } from "./errors.ts";
import type { PairingSession } from "./pairing/session.ts";
import type { PairingStore, Ports } from "./ports.ts";
import type { Approval } from "./remote/approval.ts";
import { expireApproval } from "./remote/settle-approval.ts";
import type { Instant } from "./time.ts";

type Deps = Pick<Ports, "clock" | "random" | "store" | "changeEvents" | "inboxSignals">;
interface Timed {
  readonly status: string;
  readonly expiresAt: Instant;
}

/** How records of one kind expire. A key is a code's hash or an approval's id. */
interface Kind<Item extends Timed> {
  key(item: Item): string;
  expire(key: string, at: Instant): Promise<unknown>;
  read(key: string): Promise<Item | undefined>;
}

/**
 * A store that never gives two answers about a deadline. A read that finds an invite or approval pending past its deadline first
 * writes it as expired, after the decisions in progress, and returns what was written. A status from this store is therefore
 * final and is not compared with the clock again.
 */
export function withDeadlines(deps: Deps): PairingStore {
  const { clock, store, changeEvents } = deps;
  const unwritten = new Map<string, Instant>();
  const sessions = expiryOf<PairingSession>(clock, unwritten, {
    key: ({ codeHash }) => codeHash,
    expire: async (codeHash, at) => {
      if ((await store.expireDue(at, codeHash)) > 0) changeEvents.emit("invites");
    },
    read: store.findByCode,
  });
  const approvals = expiryOf<Approval>(clock, unwritten, {
    key: ({ approvalId }) => approvalId,
    expire: async (approvalId, at) => expireApproval(deps, approvalId, at),
    read: store.findApproval,
  });
  /** The clock for a decision about this record. It never goes back before a deadline that was answered as passed. */
  const momentFor =
    (key: string, at: () => Instant): (() => Instant) =>
    () =>
      Math.max(at(), unwritten.get(key) ?? 0);

  return {
    ...store,
    findByCode: async (codeHash) => sessions.current(await store.findByCode(codeHash)),
    findSession: async (sessionId) => sessions.current(await store.findSession(sessionId)),
    listSessions: async () => sessions.all(await store.listSessions()),
    listRecentSessions: async (question) => sessions.all(await store.listRecentSessions(question)),
    async pageOfSessions(question) {
      const page = await store.pageOfSessions(question);
      return { ...page, items: await sessions.all(page.items) };
    },
    findApproval: async (approvalId) => approvals.current(await store.findApproval(approvalId)),
    listApprovals: async () => approvals.all(await store.listApprovals()),
    async pageOfApprovals(question) {
      const page = await store.pageOfApprovals(question);
      return { ...page, items: await approvals.all(page.items) };
    },
    async acceptInvite(change) {
      const accepted = await store.acceptInvite({ ...change, at: momentFor(change.codeHash, change.at) });
      return accepted.kind === "refused" ? { kind: "refused", session: await sessions.afterRejection(accepted.session) } : accepted;
    },
    async openClaim(change) {
      const opened = await store.openClaim({ ...change, at: momentFor(change.codeHash, change.at) });
      return opened.kind === "refused" ? { kind: "refused", session: await sessions.afterRejection(opened.session) } : opened;
    },
    async tryOtp(change) {
      const tried = await store.tryOtp({ ...change, at: momentFor(change.codeHash, change.at) });
      return tried.kind === "refused" ? { kind: "refused", session: await sessions.afterRejection(tried.session) } : tried;
    },
    async cancelInvite(change) {
      const ended = await store.cancelInvite({ ...change, at: momentFor(change.codeHash, change.at) });
      return ended.changed ? ended : { changed: false, session: await sessions.afterRejection(ended.session) };
    },
    async settleApproval(change) {
      const settled = await store.settleApproval({ ...change, at: momentFor(change.approvalId, change.at) });
      if (settled.kind !== "refused" || change.status === "expired") return settled;
      return { kind: "refused", approval: await approvals.afterRejection(settled.approval) };
    },
  };
}

/**
 * `unwritten`: the deadlines of records that were answered as expired while the disk accepted no change. They stay expired while
 * this process runs.
 */
function expiryOf<Item extends Timed>(clock: Pick<Ports["clock"], "now">, unwritten: Map<string, Instant>, kind: Kind<Item>) {
  const isOver = (item: Item, now: Instant): boolean =>
    item.status === "pending" && (now >= item.expiresAt || unwritten.get(kind.key(item)) === item.expiresAt);

  /** The record after its expiry is written. */
  const expired = async (found: Item): Promise<Item> => {
    const key = kind.key(found);
    try {
      // A clock that was set back since does not reopen the record.
      await kind.expire(key, Math.max(clock.now(), found.expiresAt));
      unwritten.delete(key);
    } catch (cause) {
      if (!(cause instanceof PairingError) || cause.code !== "storage_unavailable") throw cause;
      const now = (await kind.read(key)) ?? found;
      if (now.status !== "pending" || now.expiresAt !== found.expiresAt) return now;
      unwritten.set(key, found.expiresAt);
      return { ...now, status: "expired" };
    }
    return (await kind.read(key)) ?? found;
  };

  return {
    current: async (found: Item | undefined): Promise<Item | undefined> => (found && isOver(found, clock.now()) ? expired(found) : found),
    /** The same list where nothing is over. */
    async all(listed: readonly Item[]): Promise<readonly Item[]> {
      const now = clock.now();
      if (!listed.some((item) => isOver(item, now))) return listed;
      return Promise.all(listed.map(async (item) => (isOver(item, now) ? expired(item) : item)));
    },
    /** The record that a late decision found. Pending means that its time was up at that moment. */
    afterRejection: async (found: Item | undefined): Promise<Item | undefined> => (found?.status === "pending" ? expired(found) : found),
  };
}
