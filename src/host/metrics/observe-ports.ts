import type { PairingStore, PushSender, SmsSender } from "../../core/index.ts";
import type { Counting } from "./observations.ts";

/** The same store, which reports what became of messages and approvals. */
export function observeStore<Store extends PairingStore>(store: Store, counting: Counting): Store {
  return {
    ...store,
    async noteDelivery(change) {
      const isNews = await store.noteDelivery(change);
      const { provider = "", state } = change.delivery;
      if (isNews) counting.to?.textMessage(provider, state);
      return isNews;
    },
    async sendMessage(change) {
      const to = await store.sendMessage(change);
      counting.to?.notified("inbox", "sent", to.length);
      return to;
    },
    async noteReceipt(change) {
      const isNews = await store.noteReceipt(change);
      if (isNews) counting.to?.notified("inbox", change.receipt.kind, 1);
      return isNews;
    },
    async addApproval(change) {
      const added = await store.addApproval(change);
      if (added.kind === "added") counting.to?.notified("inbox", "sent", added.to.length);
      return added;
    },
    async settleApproval(change) {
      const settled = await store.settleApproval(change);
      if (settled.kind !== "settled" && settled.kind !== "wrong-number") return settled;
      counting.to?.notified("inbox", "sent", settled.recipients.length);
      if (settled.approval.status !== "pending") counting.to?.settled(settled.approval);
      return settled;
    },
  };
}

/** The same sender, which reports messages in mock mode: the deliveries of others are noted in the store. */
export function observeSms(sender: SmsSender, counting: Counting): SmsSender {
  return {
    get name() {
      return sender.name;
    },
    get mayReportUnknown() {
      return sender.mayReportUnknown;
    },
    get reportPath() {
      return sender.reportPath;
    },
    price: sender.price,
    async send(message) {
      const taken = await sender.send(message);
      if (taken.kind === "printed") counting.to?.textMessage(sender.name, taken.kind);
      return taken;
    },
    readReport: sender.readReport,
    pausedUntil: sender.pausedUntil,
  };
}

/** The same sender, which reports what push services answered. */
export function observePush<Sender extends PushSender>(sender: Sender, counting: Counting): Sender {
  return {
    ...sender,
    async send(message) {
      const outcome = await sender.send(message);
      counting.to?.notified("push", outcome.kind, 1);
      return outcome;
    },
  };
}
