import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { SMS_PROVIDERS } from "../../adapters/sms/providers/index.ts";
import type { FeedMeasures, LeaseMeasure } from "../../adapters/stores/measures.ts";
import type { Approval, AuditEntry } from "../../core/index.ts";
import type { Exposition } from "../../http/doors/metrics.ts";
import type { ConnectedPhones } from "./connected-phones.ts";
import type { Observations } from "./observations.ts";

/** What is looked up at the moment of a read. */
export interface Readings {
  readonly connected: Pick<ConnectedPhones, "count">;
  /** Within a second; absent: the storage does not answer. */
  records(): Promise<RecordCounts | undefined>;
  feed(): FeedMeasures | undefined;
  leases(): readonly LeaseMeasure[];
  isWritable(): Promise<boolean>;
  isReady(): boolean;
}

export interface RecordCounts {
  readonly pendingInvites: number;
  readonly pendingApprovals: number;
  readonly devices: Readonly<Record<"active" | "suspended" | "revoked", number>>;
  readonly queued: number;
}

/** Counts in Prometheus's terms. */
export interface Prometheus extends Observations {
  read(): Promise<Exposition>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const DECISION_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 86_400];
const PROVIDERS: ReadonlySet<string> = new Set([...SMS_PROVIDERS.map(({ id }) => id), "mock"]);
const LEASES: ReadonlySet<string> = new Set(["server", "broker"]);
const TEXT_OUTCOMES: ReadonlySet<string> = new Set(["printed", "unknown", "handed_over", "sent", "delivered", "undelivered", "failed"]);

/** What an event of the audit trail means for an invite. */
const INVITE_CHANGES: Partial<Record<AuditEntry["event"], string>> = {
  send_sms_invite: "sent",
  resend_sms_invite: "sent_again",
  generate_qr: "shown_as_qr",
  accept_invite: "accepted",
  pair_device: "accepted",
  decline_invite: "declined",
  cancel_invite: "cancelled",
  invite_expired: "expired",
};

/** No label has a text that came from outside: each is from a list in the source, and what is in none is `other`. */
export function createPrometheus(readings: Readings): Prometheus {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const refresh = addGauges(registry, readings);
  return {
    ...countRequests(registry),
    ...countCommits(registry),
    ...countMessages(registry),
    ...countApprovals(registry),
    async read() {
      await refresh();
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

function countRequests(registry: Registry): Pick<Observations, "answered"> {
  const requests = new Counter({
    name: "topdog_requests_total",
    help: "HTTP requests by door, operation and status class. closed: the client left before its answer.",
    labelNames: ["door", "operation", "status"],
    registers: [registry],
  });
  const durations = new Histogram({
    name: "topdog_request_duration_seconds",
    help: "From a request's headers to the end of its answer, by operation. A request that waits for messages waits as long as it asked to.",
    labelNames: ["operation"],
    buckets: SECONDS,
    registers: [registry],
  });
  // Looking a label up by name costs more than counting.
  const counters = new Map<string, Counter.Internal>();
  const timers = new Map<string, Histogram.Internal<"operation">>();
  return {
    answered({ door, kind, status, milliseconds }) {
      const statusClass = status === 0 ? "closed" : `${Math.floor(status / 100)}xx`;
      cached(counters, `${door} ${kind} ${statusClass}`, () => requests.labels(door, kind, statusClass)).inc();
      cached(timers, kind, () => durations.labels(kind)).observe(milliseconds / 1000);
    },
  };
}

function countCommits(registry: Registry): Pick<Observations, "committed"> {
  const events = new Counter({
    name: "topdog_audit_events_total",
    help: "Lines that this server wrote to the audit trail, by event.",
    labelNames: ["event"],
    registers: [registry],
  });
  const invites = new Counter({
    name: "topdog_invites_total",
    help: "What happened to invites.",
    labelNames: ["change"],
    registers: [registry],
  });
  const commits = new Histogram({
    name: "topdog_commit_duration_seconds",
    help: "From a change's turn until the disk or the database has it. Changes that come at the same time share a commit.",
    buckets: SECONDS,
    registers: [registry],
  });
  for (const change of new Set(Object.values(INVITE_CHANGES))) invites.inc({ change }, 0);
  return {
    committed({ audit, milliseconds }) {
      commits.observe(milliseconds / 1000);
      for (const { event, count = 1 } of audit) {
        events.inc({ event }, count);
        const change = INVITE_CHANGES[event];
        if (change !== undefined) invites.inc({ change });
      }
    },
  };
}

function countMessages(registry: Registry): Pick<Observations, "textMessage" | "notified"> {
  const texts = new Counter({
    name: "topdog_text_messages_total",
    help: "States that text messages came into, by provider. printed: in mock mode.",
    labelNames: ["provider", "outcome"],
    registers: [registry],
  });
  const notifications = new Counter({
    name: "topdog_notifications_total",
    help: "Messages to phones by channel and outcome, once per phone. One receipt (delivered) may be for several messages.",
    labelNames: ["channel", "outcome"],
    registers: [registry],
  });
  return {
    textMessage(provider, outcome) {
      texts.inc({ provider: oneOf(PROVIDERS, provider), outcome: oneOf(TEXT_OUTCOMES, outcome) });
    },
    notified(channel, outcome, count) {
      if (count > 0) notifications.inc({ channel, outcome }, count);
    },
  };
}

function countApprovals(registry: Registry): Pick<Observations, "settled"> {
  const settled = new Counter({
    name: "topdog_approvals_settled_total",
    help: "Approvals that were answered (on a phone, at the computer, by the admin token), or ended by themselves or the requester (none).",
    labelNames: ["outcome", "channel"],
    registers: [registry],
  });
  const durations = new Histogram({
    name: "topdog_approval_decision_seconds",
    help: "From the request of an approval to its answer, by channel.",
    labelNames: ["channel"],
    buckets: DECISION_SECONDS,
    registers: [registry],
  });
  return {
    settled({ status, decidedBy, requestedAt, settledAt }: Approval) {
      const channel = decidedBy?.kind ?? "none";
      settled.inc({ outcome: status, channel });
      if (decidedBy && settledAt !== undefined) durations.observe({ channel }, Math.max(0, settledAt - requestedAt) / 1000);
    },
  };
}

/** Returns how to bring them up to date. */
function addGauges(registry: Registry, { connected, records, feed, leases, isWritable, isReady }: Readings): () => Promise<void> {
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const phones = gauge("topdog_connected_phones", "Phones that are connected or wait for messages now, by channel.", ["channel"]);
  const invites = gauge("topdog_invites_pending", "Invites that can be accepted now.");
  const approvals = gauge("topdog_approvals_pending", "Approvals that wait for an answer.");
  const devices = gauge("topdog_devices", "Paired phones by status.", ["status"]);
  const outbox = gauge(
    "topdog_outbox_messages",
    "Messages stored for phones until they expire; with a database at most 100000 are counted.",
  );
  const feedAge = gauge("topdog_feed_age_seconds", "Since the list of the other servers' changes was last read to its end.");
  const notified = gauge("topdog_feed_notified", "1 while the database's notifications arrive; otherwise the list is read more often.");
  const held = gauge(
    "topdog_lease_held",
    "1 while this server holds the lease, 0 while it waits for it. server: its own, by which others know that it lives; broker: to relay.",
    ["lease"],
  );
  const writable = gauge("topdog_storage_writable", "1 if the storage took a write within a second.");
  const ready = gauge("topdog_ready", "1 while the server asks for requests: 0 when it stops.");
  return async () => {
    const [counts, isWritten] = await Promise.all([records(), isWritable()]);
    for (const channel of ["mqtt", "inbox"] as const) phones.set({ channel }, connected.count(channel));
    writable.set(Number(isWritten));
    ready.set(Number(isReady()));
    const followed = feed();
    put(feedAge, followed && followed.ageMilliseconds / 1000);
    put(notified, followed && Number(followed.notified));
    held.reset();
    // One that is held counts before one of its kind that is waited for, as after the broker was changed.
    for (const { name, isHeld } of leases().toSorted((one, other) => Number(one.isHeld) - Number(other.isHeld)))
      held.set({ lease: oneOf(LEASES, name.split(" ", 1)[0] ?? "") }, Number(isHeld));
    put(invites, counts?.pendingInvites);
    put(approvals, counts?.pendingApprovals);
    put(outbox, counts?.queued);
    devices.reset();
    for (const [status, count] of Object.entries(counts?.devices ?? {})) devices.set({ status }, count);
  };
}

/** What is not known now is left out: a number from before would look like one of now. */
function put(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}

function oneOf(known: ReadonlySet<string>, text: string): string {
  return known.has(text) ? text : "other";
}

function cached<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  let value = known.get(key);
  if (value === undefined) {
    value = make();
    known.set(key, value);
  }
  return value;
}
