import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { AnswerOf } from "../../contract/operations.ts";
import type { Connection } from "../transport/connection.ts";
import { type Device, keyOf } from "./follow-devices.ts";
import type { Invite } from "./follow-invites.ts";
import { usePageState } from "./page-state.ts";
import { answerTo } from "./rejection.ts";

/** As much of a long list as was asked for so far. */
export interface ListPart<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
  /** Done when the next page is among the items, or could not be read. */
  readonly readMore: () => Promise<void>;
  readonly isPending: boolean;
  readonly isFetching: boolean;
  /** The items are those of the search before, until this one is answered. */
  readonly isStale: boolean;
  /** Nothing could be read. */
  readonly error: unknown;
  /** The next page could not be read; the items stand. */
  readonly moreError: unknown;
}

type Devices = AnswerOf<"findDevices">;
type Approval = AnswerOf<"listApprovals">["approvals"][number];
type Notification = AnswerOf<"listNotifications">["notifications"][number];

const DEVICES_PAGE = 50;
const HISTORY_PAGE = 50;
const INVITES_PAGE = 50;
const MAX_PAGE = 200;
/** An approval that waits takes up much of the screen. */
const WAITING_PAGE = 20;
/** A page that is being read may be given up for newer news: then it is asked for again. */
const MAX_TRIES = 10;

interface PagesOf<Body, Item> {
  readonly key: readonly unknown[];
  readonly read: (after: { readonly after?: string }) => Promise<Body>;
  readonly itemsOf: (body: Body) => readonly Item[];
  readonly idOf: (item: Item) => string;
  readonly enabled?: boolean;
}

function usePages<Body extends { readonly next?: string | undefined }, Item>({
  key,
  read,
  itemsOf,
  idOf,
  enabled = true,
}: PagesOf<Body, Item>): ListPart<Item> & { readonly first: Body | undefined } {
  const query = useInfiniteQuery({
    queryKey: key,
    async queryFn({ pageParam }) {
      let body = await read(pageParam === undefined ? {} : { after: pageParam });
      // The server stops after so many rows, found or not: a page without any is none for who reads.
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
    // What moves while the pages are read may be on two of them.
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

const searchOf = (text: string): { readonly q?: string } => (text === "" ? {} : { q: text });

export interface DevicesPart extends ListPart<Device> {
  /** Of all phones, whatever is searched for. */
  readonly counts: Devices["counts"] | undefined;
}

const LISTED = { live: "active,suspended", revoked: "revoked" } as const;
const devicesOf = ({ devices }: Devices): readonly Device[] => devices;
const idOfDevice = (device: Device): string => `${keyOf(device)}${device.paired_at}`;

/** Phones that are let in, or those that no longer are; the newest first. */
export function useDevices(which: keyof typeof LISTED = "live", text = "", enabled = true): DevicesPart {
  const { connection, noteDevices } = usePageState();
  const { first, ...part } = usePages({
    key: ["devices", which, text],
    async read(after) {
      const page = await answerTo(connection.api.findDevices({ status: LISTED[which], limit: DEVICES_PAGE, ...searchOf(text), ...after }));
      if (which === "live" && text === "" && after.after === undefined) noteDevices(page);
      return page;
    },
    itemsOf: devicesOf,
    idOf: idOfDevice,
    enabled,
  });
  return { ...part, counts: first?.counts };
}

/** The phones with this one's id that are let in: each user may have one. */
export async function readNamesakes({ api }: Pick<Connection, "api">, { device_id }: Device): Promise<readonly Device[]> {
  const all: Device[] = [];
  for (let after: { readonly after?: string } | undefined = {}; after; ) {
    const { devices, next }: Devices = await answerTo(api.findDevices({ status: LISTED.live, device_id, limit: MAX_PAGE, ...after }));
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

const invitesOf = ({ invites }: AnswerOf<"findInvites">): readonly Invite[] => invites;
const idOfInvite = ({ session_id }: Invite): string => session_id;

/** What the overview has no room for: it tells of the newest. */
export function useWaitingInvites(text: string, enabled: boolean): ListPart<Invite> {
  const { connection } = usePageState();
  return usePages({
    key: ["invites", "waiting", text],
    read: async (after) =>
      answerTo(connection.api.findInvites({ status: "pending", method: "sms", limit: INVITES_PAGE, ...searchOf(text), ...after })),
    itemsOf: invitesOf,
    idOf: idOfInvite,
    enabled,
  });
}

const approvalsOf = ({ approvals }: AnswerOf<"listApprovals">): readonly Approval[] => approvals;
const idOfApproval = ({ approval_id }: Approval): string => approval_id;

export function useApprovals(which: "waiting" | "all", text = ""): ListPart<Approval> {
  const { connection } = usePageState();
  const asked = which === "waiting" ? { status: "pending", limit: WAITING_PAGE } : { limit: HISTORY_PAGE };
  return usePages({
    key: ["approvals", which, text],
    read: async (after) => answerTo(connection.api.listApprovals({ ...asked, ...searchOf(text), ...after })),
    itemsOf: approvalsOf,
    idOf: idOfApproval,
  });
}

/** What became of these approvals, as far as they are answered: that does not change any more, and is read once. */
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

const notificationsOf = ({ notifications }: AnswerOf<"listNotifications">): readonly Notification[] => notifications;
const idOfNotification = ({ notification_id }: Notification): string => notification_id;

export function useNotifications(text = ""): ListPart<Notification> {
  const { connection } = usePageState();
  return usePages({
    key: ["messages", "all", text],
    read: async (after) => answerTo(connection.api.listNotifications({ limit: HISTORY_PAGE, ...searchOf(text), ...after })),
    itemsOf: notificationsOf,
    idOf: idOfNotification,
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
