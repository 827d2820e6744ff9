import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { present } from "../../base/present.ts";
import type { AnswerOf } from "../../contract/operations.ts";
import type { Connection } from "../transport/connection.ts";
import type { Approval, Notification } from "./approval.ts";
import { type Device, pairingKeyOf } from "./follow-devices.ts";
import type { Invite } from "./follow-invites.ts";
import { usePageState } from "./page-state.ts";
import { answerTo } from "./rejection.ts";

/** The pages of a long list that were read so far. */
export interface ListPart<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
  /** Resolves when the next page is among the items, or could not be read. */
  readonly readMore: () => Promise<void>;
  readonly isPending: boolean;
  readonly isFetching: boolean;
  /** The items are those of the previous search, until this one is answered. */
  readonly isStale: boolean;
  /** Nothing could be read. */
  readonly error: unknown;
  /** The next page could not be read; the items stay. */
  readonly moreError: unknown;
}

type Devices = AnswerOf<"findDevices">;

const PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 200;
/** A pending approval takes up much of the screen. */
const PENDING_PAGE_SIZE = 20;
/** A change event cancels a page that is being read: it is read again. */
const MAX_TRIES = 10;

/** A list that the server answers in pages. */
interface PagedList<Body, Item> {
  readonly itemsOf: (body: Body) => readonly Item[];
  readonly idOf: (item: Item) => string;
}

interface PagesQuery<Body> {
  readonly key: readonly unknown[];
  readonly read: (after: { readonly after?: string }) => Promise<Body>;
  readonly enabled?: boolean;
}

function usePages<Body extends { readonly next?: string | undefined }, Item>(
  { itemsOf, idOf }: PagedList<Body, Item>,
  { key, read, enabled = true }: PagesQuery<Body>,
): ListPart<Item> & { readonly first: Body | undefined } {
  const query = useInfiniteQuery({
    queryKey: key,
    async queryFn({ pageParam }) {
      let body = await read(present({ after: pageParam }));
      // The server searches a limited number of rows per request: a page without items may have a next one.
      while (itemsOf(body).length === 0 && body.next !== undefined) body = await read({ after: body.next });
      return body;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    enabled,
  });
  const { data, error, isFetchNextPageError, fetchNextPage } = query;
  const items = useMemo(() => {
    // An item that moves while the pages are read may be on two of them.
    const known = new Map<string, Item>();
    for (const item of (data?.pages ?? []).flatMap(itemsOf)) if (!known.has(idOf(item))) known.set(idOf(item), item);
    return [...known.values()];
  }, [data, itemsOf, idOf]);
  return {
    items,
    first: data?.pages[0],
    hasMore: query.hasNextPage,
    async readMore() {
      const before = data?.pages.length ?? 0;
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const { isError, hasNextPage, data: now } = await fetchNextPage({ cancelRefetch: false });
        if (isError || !hasNextPage || (now?.pages.length ?? 0) > before) return;
      }
    },
    isPending: query.isPending,
    isFetching: query.isFetching,
    isStale: query.isPlaceholderData,
    error: isFetchNextPageError ? null : error,
    moreError: isFetchNextPageError ? error : null,
  };
}

const searchOf = (text: string): { readonly q?: string } => present({ q: text || undefined });

export interface DevicesPart extends ListPart<Device> {
  /** Of all phones, not only of those that match the search. */
  readonly counts: Devices["counts"] | undefined;
}

const LISTED = { live: "active,suspended", revoked: "revoked" } as const;
const DEVICES: PagedList<Devices, Device> = { itemsOf: ({ devices }) => devices, idOf: pairingKeyOf };

/** Phones with access, or the revoked ones; the newest first. */
export function useDevices(which: keyof typeof LISTED = "live", text = "", enabled = true): DevicesPart {
  const { connection, noteDevices } = usePageState();
  const { first, ...part } = usePages(DEVICES, {
    key: ["devices", which, text],
    async read(after) {
      const page = await answerTo(connection.api.findDevices({ status: LISTED[which], limit: PAGE_SIZE, ...searchOf(text), ...after }));
      if (which === "live" && text === "" && after.after === undefined) noteDevices(page);
      return page;
    },
    enabled,
  });
  return { ...part, counts: first?.counts };
}

/** The phones with this one's id that have access: each user may have one. */
export async function readNamesakes({ api }: Pick<Connection, "api">, { device_id }: Device): Promise<readonly Device[]> {
  const all: Device[] = [];
  for (let after: { readonly after?: string } | undefined = {}; after; ) {
    const { devices, next }: Devices = await answerTo(api.findDevices({ status: LISTED.live, device_id, limit: MAX_PAGE_SIZE, ...after }));
    all.push(...devices);
    after = next === undefined ? undefined : { after: next };
  }
  return all;
}

export function useNamesakes(device: Device | undefined) {
  const { connection } = usePageState();
  return useQuery({
    queryKey: ["devices", "id", device?.device_id],
    queryFn: async () => (device ? readNamesakes(connection, device) : []),
    enabled: device !== undefined,
  });
}

const INVITES: PagedList<AnswerOf<"findInvites">, Invite> = { itemsOf: ({ invites }) => invites, idOf: ({ session_id }) => session_id };

/** All pending invites: the overview has only the newest. */
export function useWaitingInvites(text: string, enabled: boolean): ListPart<Invite> {
  const { connection } = usePageState();
  return usePages(INVITES, {
    key: ["invites", "waiting", text],
    read: async (after) =>
      answerTo(connection.api.findInvites({ status: "pending", method: "sms", limit: PAGE_SIZE, ...searchOf(text), ...after })),
    enabled,
  });
}

const APPROVALS: PagedList<AnswerOf<"listApprovals">, Approval> = {
  itemsOf: ({ approvals }) => approvals,
  idOf: ({ approval_id }) => approval_id,
};

export function useApprovals(which: "waiting" | "all", text = ""): ListPart<Approval> {
  const { connection } = usePageState();
  const asked = which === "waiting" ? { status: "pending", limit: PENDING_PAGE_SIZE } : { limit: PAGE_SIZE };
  return usePages(APPROVALS, {
    key: ["approvals", which, text],
    read: async (after) => answerTo(connection.api.listApprovals({ ...asked, ...searchOf(text), ...after })),
  });
}

/** These approvals, each read again until it is answered. An answer does not change. */
export function useAnswers(approvalIds: readonly string[]): readonly Approval[] {
  const { connection } = usePageState();
  return useQueries({
    queries: approvalIds.map((id) => ({
      queryKey: ["approvals", "id", id],
      async queryFn() {
        const { approvals } = await answerTo(connection.api.listApprovals({ q: id }));
        return approvals.find(({ approval_id }) => approval_id === id) ?? null;
      },
      enabled: ({ state: { data } }: { readonly state: { readonly data?: Approval | null | undefined } }) =>
        data === undefined || data?.status === "pending",
    })),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });
}

const NOTIFICATIONS: PagedList<AnswerOf<"listNotifications">, Notification> = {
  itemsOf: ({ notifications }) => notifications,
  idOf: ({ notification_id }) => notification_id,
};

export function useNotifications(text = ""): ListPart<Notification> {
  const { connection } = usePageState();
  return usePages(NOTIFICATIONS, {
    key: ["messages", "all", text],
    read: async (after) => answerTo(connection.api.listNotifications({ limit: PAGE_SIZE, ...searchOf(text), ...after })),
  });
}

export function useNotification(id: string | undefined): Notification | undefined {
  const { connection } = usePageState();
  const { data } = useQuery({
    queryKey: ["messages", "id", id],
    async queryFn() {
      const { notifications } = await answerTo(connection.api.listNotifications({ q: id ?? "" }));
      return notifications.find(({ notification_id }) => notification_id === id) ?? null;
    },
    enabled: id !== undefined,
  });
  return data ?? undefined;
}

/** One list of two kinds, the newest first: only as far down as both have been read. */
export function mergeLists<One, Other, Entry extends { readonly at: string }>(
  one: ListPart<One>,
  entryOfOne: (item: One) => Entry,
  other: ListPart<Other>,
  entryOfOther: (item: Other) => Entry,
): ListPart<Entry> {
  const parts = [
    { part: one, entries: one.items.map(entryOfOne) },
    { part: other, entries: other.items.map(entryOfOther) },
  ];
  const ends = parts.flatMap(({ part, entries }) => (part.hasMore ? [entries.at(-1)?.at ?? ""] : []));
  const end = ends.toSorted().at(-1) ?? "";
  return {
    items: parts
      .flatMap(({ entries }) => entries)
      .filter(({ at }) => at >= end)
      .toSorted((a, b) => b.at.localeCompare(a.at)),
    hasMore: ends.length > 0,
    async readMore() {
      const shortest = parts.filter(({ part, entries }) => part.hasMore && (entries.at(-1)?.at ?? "") === end);
      await Promise.all(shortest.map(async ({ part }) => part.readMore()));
    },
    isPending: one.isPending || other.isPending,
    isFetching: one.isFetching || other.isFetching,
    isStale: one.isStale || other.isStale,
    error: one.error ?? other.error,
    moreError: one.moreError ?? other.moreError,
  };
}
