import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { createContext, useContext, useSyncExternalStore } from "react";
import { present } from "../../base/present.ts";
import type { AnswerOf, InputOf } from "../../contract/operations.ts";
import type { ChangeEvent } from "../../contract/pairing-api.ts";
import { numberIn, phoneNameIn } from "../parts/sentence.tsx";
import type { Connection } from "../transport/connection.ts";
import { followDevices } from "./follow-devices.ts";
import { followInvites, type InvitesView, type Overview } from "./follow-invites.ts";
import { createNotices, type Notice, type NoticePlace, type Notices } from "./notices.ts";
import { createPageClock, type PageClock } from "./page-clock.ts";
import { createPlaces, type Places } from "./places.ts";
import { answerTo, asksForToken, gotNoAnswer } from "./rejection.ts";

export type SmsSettings = AnswerOf<"smsSettings">;
export type Reachability = AnswerOf<"reachability">;
export type HostSetting = AnswerOf<"hostSettings">["settings"][number];
type Reach = AnswerOf<"checkReach">;

/** A tunnel that stood a minute ago stands. One that did not is asked again. */
const REACHED_FOR = 60_000;

/** A reading that was lost on its way is asked for again: the news that it follows comes only once. */
const READ_AGAIN = 3;
const READ_AGAIN_AFTER = 1000;

/** All that the page's parts share. */
export interface PageState {
  readonly connection: Connection;
  readonly client: QueryClient;
  readonly notices: Notices;
  readonly places: Places;
  readonly clock: PageClock;
  readonly readInvites: () => Promise<InvitesView>;
  /** The first page of the phones that are let in was read. */
  readonly noteDevices: (page: AnswerOf<"findDevices">) => void;
  readonly dismissInvite: (sessionId: string) => void;
  /**
   * Whether phones get to this address; `useReach` shows what was found. Takes up to five seconds. An address that could not be asked
   * counts as one that phones do not reach.
   */
  readonly isReachable: (baseUrl: string) => Promise<boolean>;
  /** Reads again; news does it, and so does whoever changed something. */
  readonly refresh: (item: ChangeEvent) => Promise<void>;
}

export function createPageState(connection: Connection): PageState {
  const { api } = connection;
  // The page talks to its own computer: whether that has a network does not matter, and React Query would wait for one.
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        retry: (before, thrown) => before < READ_AGAIN && gotNoAnswer(thrown),
        retryDelay: READ_AGAIN_AFTER,
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: {
        networkMode: "always",
        retry: false,
        onError(thrown) {
          if (asksForToken(thrown)) void client.invalidateQueries();
        },
      },
    },
  });
  const notices = createNotices();
  const refresh = async (item: ChangeEvent): Promise<void> => {
    // Who sends is on the overview, too.
    // And what became of a message stands beside its approval.
    const keys = item === "sms" ? ["sms", "invites"] : item === "messages" ? ["messages", "approvals"] : [item];
    await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
  const invites = followInvites({
    ended(invite) {
      // "Check your phone" has had its answer.
      notices.clear("pair");
      if (invite.cancel_reason === "declined") notices.say("invites", numberIn("invites.wasDeclined", invite.phone_number), "check");
      else if (invite.status === "cancelled") notices.say("invites", numberIn("invites.wasCancelled", invite.phone_number));
    },
    delivered: (invite) => notices.say("unseen", numberIn("delivery.wasDelivered", invite.phone_number)),
    opened: (invite) => notices.say("unseen", numberIn("delivery.wasOpened", invite.phone_number)),
  });
  const noteDevices = followDevices((device) => notices.say("devices", phoneNameIn("devices.paired", device.device_name)));

  api.onNews((item) => void refresh(item));

  return {
    connection,
    client,
    notices,
    refresh,
    places: createPlaces(),
    clock: createPageClock(() => void refresh("invites")),
    readInvites: async () => invites.take(await answerTo(api.overview({}))),
    noteDevices,
    async isReachable(baseUrl) {
      const queryKey = ["reach", baseUrl];
      const known = client.getQueryData<Reach>(queryKey);
      const asked = client.query({
        queryKey,
        queryFn: async () => answerTo(api.checkReach({})),
        staleTime: known?.reachable === true ? REACHED_FOR : 0,
      });
      return asked.then(
        ({ reachable }) => reachable,
        () => false,
      );
    },
    dismissInvite(sessionId) {
      invites.dismiss(sessionId);
      client.setQueryData<InvitesView>(
        ["invites"],
        (view) => view && { ...view, shown: view.shown.filter((invite) => invite.session_id !== sessionId) },
      );
    },
  };
}

const PageStateContext = createContext<PageState | undefined>(undefined);
export const PageStateProvider = PageStateContext.Provider;

export function usePageState(): PageState {
  const pageState = useContext(PageStateContext);
  if (!pageState) throw new Error("no desk around this part of the page");
  return pageState;
}

export function useInvites() {
  const { readInvites } = usePageState();
  return useQuery({ queryKey: ["invites"], queryFn: readInvites });
}

export function useSmsSettings() {
  const { connection } = usePageState();
  return useQuery({ queryKey: ["sms"], queryFn: async () => answerTo(connection.api.smsSettings({})) });
}

export function useReachability() {
  const { connection } = usePageState();
  return useQuery({ queryKey: ["reachability"], queryFn: async () => answerTo(connection.api.reachability({})) });
}

export function useHostSettings() {
  const { connection } = usePageState();
  return useQuery({ queryKey: ["settings"], queryFn: async () => answerTo(connection.api.hostSettings({})) });
}

export function useAdminToken() {
  const { connection } = usePageState();
  return useQuery({ queryKey: ["settings", "admin-token"], queryFn: async () => answerTo(connection.api.adminToken({})) });
}

/** Asked by itself only where a link would be paid for. */
export function useReach({ base_url, sms_provider }: Overview) {
  const { connection } = usePageState();
  return useQuery({
    queryKey: ["reach", base_url],
    queryFn: async () => answerTo(connection.api.checkReach({})),
    enabled: base_url !== "" && sms_provider !== "mock",
  });
}

/** Pages of the trail, newest first; read while somebody looks, and again when they come back to the window. */
export function useAudit(question: InputOf<"listAudit">) {
  const { connection } = usePageState();
  return useInfiniteQuery({
    queryKey: ["audit", question],
    queryFn: async ({ pageParam }) => answerTo(connection.api.listAudit({ ...question, ...present({ before: pageParam }) })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: "always",
    gcTime: 0,
  });
}

/** The server's clock, each second. */
export function useServerTime(clockOffset: number): number {
  const { clock } = usePageState();
  return useSyncExternalStore(clock.subscribe, clock.now) + clockOffset;
}

export function useNotice(place: NoticePlace): Notice | undefined {
  const { notices } = usePageState();
  return useSyncExternalStore(notices.subscribe, () => notices.at(place));
}
