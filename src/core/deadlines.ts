import { PairingError } from "./errors.ts";
import type { PairingSession } from "./pairing/session.ts";
import type { PairingStore, Ports } from "./ports.ts";
import type { Approval } from "./remote/approval.ts";
import { expireApproval } from "./remote/expire-approval.ts";
import type { Instant } from "./time.ts";

type Deps = Pick<Ports, "clock" | "random" | "store" | "changeEvents" | "inboxSignals">;
interface Timed {
  readonly status: string;
  readonly expiresAt: Instant;
}

/**
 * A store that never gives two answers about a deadline. A read that finds an invite or approval pending past its deadline first
 * writes it as expired, after the decisions in progress, and returns what was written. A status from this store is therefore
 * final and is not compared with the clock again.
 */
export function withDeadlines(deps: Deps): PairingStore {
  const { clock, store, changeEvents } = deps;
  /**
   * The deadlines of records that were answered as expired while the disk accepted no change. They stay expired while this
   * process runs.
   */
  const unwritten = new Map<string, Instant>();

  const isOver = (key: string, { status, expiresAt }: Timed, now: Instant): boolean =>
    status === "pending" && (now >= expiresAt || unwritten.get(key) === expiresAt);

  /** The clock for a decision about this record. It never goes back before a deadline that was answered as passed. */
  const momentFor =
    (key: string, at: () => Instant): (() => Instant) =>
    () =>
      Math.max(at(), unwritten.get(key) ?? 0);

  /** The record after its expiry is written. */
  const expired = async <Item extends Timed>(
    key: string,
    found: Item,
    expire: (at: Instant) => Promise<unknown>,
    read: () => Promise<Item | undefined>,
  ): Promise<Item> => {
    try {
      // A clock that was set back since does not reopen the record.
      await expire(Math.max(clock.now(), found.expiresAt));
      unwritten.delete(key);
    } catch (cause) {
      if (!(cause instanceof PairingError) || cause.code !== "storage_unavailable") throw cause;
      const now = (await read()) ?? found;
      if (now.status !== "pending" || now.expiresAt !== found.expiresAt) return now;
      unwritten.set(key, found.expiresAt);
      return { ...now, status: "expired" };
    }
    return (await read()) ?? found;
  };

  const currentSession = async (session: PairingSession): Promise<PairingSession> =>
    isOver(session.codeHash, session, clock.now()) ? expiredSession(session) : session;
  const expiredSession = async (session: PairingSession): Promise<PairingSession> =>
    expired(
      session.codeHash,
      session,
      async (at) => {
        if ((await store.expireDue(at, session.codeHash)) > 0) changeEvents.emit("invites");
      },
      async () => store.findByCode(session.codeHash),
    );
  const currentApproval = async (approval: Approval): Promise<Approval> =>
    isOver(approval.approvalId, approval, clock.now()) ? expiredApproval(approval) : approval;
  const expiredApproval = async (approval: Approval): Promise<Approval> =>
    expired(
      approval.approvalId,
      approval,
      async (at) => expireApproval(deps, approval.approvalId, at),
      async () => store.findApproval(approval.approvalId),
    );
  /** The record that a late decision found. Pending means that its time was up at that moment. */
  const refusedSession = async (session: PairingSession | undefined): Promise<PairingSession | undefined> =>
    session?.status === "pending" ? expiredSession(session) : session;

  return {
    ...store,
    async findByCode(codeHash) {
      const found = await store.findByCode(codeHash);
      return found && currentSession(found);
    },
    async findSession(sessionId) {
      const found = await store.findSession(sessionId);
      return found && currentSession(found);
    },
    async listSessions() {
      const listed = await store.listSessions();
      const now = clock.now();
      const over = listed.filter((session) => isOver(session.codeHash, session, now));
      if (over.length === 0) return listed;
      const settled = new Map((await Promise.all(over.map(expiredSession))).map((session) => [session.sessionId, session]));
      return listed.map((session) => settled.get(session.sessionId) ?? session);
    },
    async pageOfSessions(question) {
      const page = await store.pageOfSessions(question);
      return { ...page, items: await Promise.all(page.items.map(currentSession)) };
    },
    async listRecentSessions(question) {
      return Promise.all((await store.listRecentSessions(question)).map(currentSession));
    },
    async acceptInvite(change) {
      const accepted = await store.acceptInvite({ ...change, at: momentFor(change.codeHash, change.at) });
      return accepted.kind === "refused" ? { kind: "refused", session: await refusedSession(accepted.session) } : accepted;
    },
    async tryOtp(change) {
      const tried = await store.tryOtp({ ...change, at: momentFor(change.codeHash, change.at) });
      return tried.kind === "refused" ? { kind: "refused", session: await refusedSession(tried.session) } : tried;
    },
    async cancelInvite(change) {
      const ended = await store.cancelInvite({ ...change, at: momentFor(change.codeHash, change.at) });
      return ended.changed ? ended : { changed: false, session: await refusedSession(ended.session) };
    },
    async settleApproval(change) {
      const settled = await store.settleApproval({ ...change, at: momentFor(change.approvalId, change.at) });
      if (settled.kind !== "refused" || settled.approval?.status !== "pending" || change.status === "expired") return settled;
      return { kind: "refused", approval: await expiredApproval(settled.approval) };
    },
    async findApproval(approvalId) {
      const found = await store.findApproval(approvalId);
      return found && currentApproval(found);
    },
    async pageOfApprovals(question) {
      const page = await store.pageOfApprovals(question);
      return { ...page, items: await Promise.all(page.items.map(currentApproval)) };
    },
    async listApprovals() {
      return Promise.all((await store.listApprovals()).map(currentApproval));
    },
  };
}
