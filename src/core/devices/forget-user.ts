import type { Caller } from "../audit.ts";
import type { ListPage, ListPosition } from "../lists.ts";
import type { Forgotten, Ports } from "../ports.ts";
import { emitPhoneChange } from "./change-device.ts";

type Deps = Pick<Ports, "clock" | "clockWatch" | "store" | "changeEvents">;

/** Small enough that one batch does not delay other requests. */
const AT_ONCE = 200;

/**
 * Removes a user's revoked phones and finished invites from the lists. Their tokens stay revoked, the audit trail is unchanged,
 * and text messages of the last day stay, because the budget counts them.
 */
export async function forgetUser({ clock, clockWatch, store, changeEvents }: Deps, userId: string, caller: Caller): Promise<Forgotten> {
  const at = clock.now();
  const devices = await all((after) => store.pageOfDevices({ filter: { userId, statuses: ["revoked"] }, most: AT_ONCE, at, ...after }));
  const sessions = await all((after) => store.pageOfSessions({ filter: { userId }, most: AT_ONCE, at, ...after }));
  const over = sessions.filter(({ status, revokedAt }) => status !== "pending" && !(status === "accepted" && revokedAt === undefined));
  const texts = (await store.listApprovalTexts({ userId })).map(({ id }) => id);
  let forgotten: Forgotten = { devices: 0, sessions: 0 };
  for (let start = 0; start < Math.max(devices.length, over.length, texts.length); start += AT_ONCE) {
    const end = start + AT_ONCE;
    const some = await store.forget({
      devices: devices.slice(start, end),
      sessions: over.slice(start, end),
      texts: texts.slice(start, end),
      retentionNow: clockWatch.retentionNow(),
      at,
      audit: [{ event: "forget_user", user_id: userId, ...caller }],
    });
    forgotten = { devices: forgotten.devices + some.devices, sessions: forgotten.sessions + some.sessions };
  }
  if (forgotten.devices > 0) emitPhoneChange(changeEvents);
  if (forgotten.sessions > 0) changeEvents.emit("invites");
  return forgotten;
}

async function all<Item>(read: (after: { after?: ListPosition }) => Promise<ListPage<Item>>): Promise<readonly Item[]> {
  const found: Item[] = [];
  let after: ListPosition | undefined;
  do {
    const { items, next }: ListPage<Item> = await read(after === undefined ? {} : { after });
    found.push(...items);
    after = next;
  } while (after !== undefined);
  return found;
}
