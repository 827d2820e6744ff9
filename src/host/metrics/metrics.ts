import { within } from "../../adapters/system/within.ts";
import type { Clock, Pairing, PairingStore, PushSender, SmsSender } from "../../core/index.ts";
import type { Exposition } from "../../http/doors/metrics.ts";
import type { RequestObserver } from "../../http/observe-requests.ts";
import type { Readiness } from "../readiness.ts";
import type { HostStore } from "../store-factory.ts";
import { type ConnectionChannel, createConnectedPhones } from "./connected-phones.ts";
import type { Counting, Observations } from "./observations.ts";
import { observePush, observeSms, observeStore } from "./observe-ports.ts";
import type { Prometheus, RecordCounts } from "./prometheus.ts";

/** The metrics of one server. Nothing is loaded and nothing counted until somebody asks for them. */
export interface Metrics {
  /** Counts from now on. */
  begin(): Promise<unknown>;
  /** Counts from now on, too. */
  read(): Promise<Exposition>;
  readonly requests: RequestObserver;
  readonly committed: Observations["committed"];
  store<Store extends PairingStore>(store: Store): Store;
  sms(sender: SmsSender): SmsSender;
  push<Sender extends PushSender>(sender: Sender): Sender;
  /** The same pairing, for one way on which phones connect. */
  phones(pairing: Pairing, channel: ConnectionChannel): Pairing;
  /** What is read at the moment of a question. */
  watch(sources: Sources): void;
}

interface Sources {
  readonly store: HostStore;
  readonly readiness: Pick<Readiness, "isWritable" | "isStopping">;
}

const WITHIN_MS = 1000;
/** Later than any deadline. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

export function createMetrics(now: Clock["now"]): Metrics {
  const counting: Counting = { to: undefined };
  const connected = createConnectedPhones();
  let sources: Sources | undefined;
  let loading: Promise<Prometheus> | undefined;
  let reading: Promise<Exposition> | undefined;

  const begin = async (): Promise<Prometheus> => {
    loading ??= import("./prometheus.ts").then(({ createPrometheus }) => {
      const prometheus = createPrometheus({
        connected,
        records: async () => (sources ? countRecords(sources.store, now()) : undefined),
        feed: () => sources?.store.feed?.(),
        leases: () => sources?.store.leases?.() ?? [],
        isWritable: async () => sources?.readiness.isWritable() ?? false,
        isReady: () => sources !== undefined && !sources.readiness.isStopping(),
      });
      counting.to = prometheus;
      return prometheus;
    });
    return loading;
  };

  return {
    begin,
    async read() {
      const prometheus = await begin();
      // However many ask at once, the storage is asked once.
      reading ??= prometheus.read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    requests: {
      isOn: () => counting.to !== undefined,
      answered: (request) => counting.to?.answered(request),
    },
    committed: (committed) => counting.to?.committed(committed),
    store: (store) => observeStore(store, counting),
    sms: (sender) => observeSms(sender, counting),
    push: (sender) => observePush(sender, counting),
    phones: connected.counted,
    watch(given) {
      sources = given;
    },
  };
}

/** `undefined`: the storage did not answer in time. */
async function countRecords(store: HostStore, at: number): Promise<RecordCounts | undefined> {
  const counted = async (): Promise<RecordCounts> => {
    const [pendingInvites, pending, devices, queued] = await Promise.all([
      store.countPendingInvites(at),
      store.listDueApprovals(END_OF_TIME),
      store.countDevices(),
      store.countQueued?.() ?? 0,
    ]);
    return { pendingInvites, pendingApprovals: pending.length, devices, queued };
  };
  return within(
    WITHIN_MS,
    counted().catch(() => undefined),
    () => undefined,
  );
}
