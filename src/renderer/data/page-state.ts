import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useEffectEvent, useState, useSyncExternalStore } from "react";
import { present } from "../../base/present.ts";
import type { AnswerOf, InputOf } from "../../contract/operations.ts";
import type { ChangeEvent, PairingApi, Reply } from "../../contract/pairing-api.ts";
import { numberIn, phoneNameIn } from "../parts/sentence.tsx";
import type { Connection } from "../transport/connection.ts";
import { followDevices } from "./follow-devices.ts";
import { followInvites, type InviteEvents, type InvitesView, type Overview } from "./follow-invites.ts";
import { createNotices, type Notice, type NoticePlace, type Notices } from "./notices.ts";
import { createPlaces, type PagePlace } from "./places.ts";
import { answerTo, asksForAccess, gotNoAnswer } from "./rejection.ts";
import { createViews, type View, viewOf } from "./views.ts";

const TICK_MS = 1000;
/** The two clocks may drift by this much between two ticks; more is a sleep or a moved clock. */
const MAX_DRIFT_MS = 2000;

/**
 * Ticks each second while it has listeners. The monotonic clock stops in sleep and does not follow a moved wall clock: where the two
 * diverge, the offset of the server's clock is stale, and `jumped` is called.
 */
function createPageClock(jumped: () => void) {
  const listeners = new Set<() => void>();
  let timer: number | undefined;
  let now = Date.now();
  let drift = now - performance.now();

  const tick = (): void => {
    now = Date.now();
    const before = drift;
    drift = now - performance.now();
    if (Math.abs(drift - before) > MAX_DRIFT_MS) jumped();
    for (const listener of listeners) listener();
  };
  document.addEventListener("visibilitychange", tick);

  return {
    /** The time of the last tick. */
    now: () => now,
    subscribe(listener: () => void) {
      listeners.add(listener);
      timer ??= window.setInterval(tick, TICK_MS);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        window.clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

/** A query whose answer was lost is repeated: the change event that caused it comes only once. */
const MAX_RETRIES = 3;
const RETRY_DELAY_MS = 1000;

/** The page talks to its own computer, so React Query must not wait for a network. */
function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        retry: (before, thrown) => before < MAX_RETRIES && gotNoAnswer(thrown),
        retryDelay: RETRY_DELAY_MS,
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: {
        networkMode: "always",
        retry: false,
        onError(thrown) {
          if (asksForAccess(thrown)) void client.invalidateQueries();
        },
      },
    },
  });
  return client;
}

export type SmsSettings = AnswerOf<"smsSettings">;
export type Reachability = AnswerOf<"reachability">;
export type HostSetting = AnswerOf<"hostSettings">["settings"][number];
type Reach = AnswerOf<"checkReach">;

/** For this long, an address that phones could reach is not checked again. One that they could not is. */
const REACHABLE_FOR_MS = 60_000;

/** All that the page's parts share. */
export function createPageState(connection: Connection) {
  const { api } = connection;
  const client = createQueryClient();
  const notices = createNotices();
  const refresh = async (item: ChangeEvent): Promise<void> => {
    await Promise.all(keysOf(item).map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
  const invites = followInvites(inviteNotices(notices));
  api.onNews((item) => void refresh(item));
  const views = createViews();

  return {
    connection,
    client,
    notices,
    /** Reads again, after a change event and after each change by this page. */
    refresh,
    views,
    places: createPlaces((place) => views.show(viewOf(place))),
    clock: createPageClock(() => void refresh("invites")),
    readInvites: async () => invites.take(await answerTo(api.overview({}))),
    /** Called with the first page of the phones that have access. */
    noteDevices: followDevices((device) => notices.say("devices", phoneNameIn("devices.paired", device.device_name))),
    /** Whether phones can reach this address; `useReach` has the details. Takes up to five seconds. A failed check counts as "no". */
    async isReachable(baseUrl: string): Promise<boolean> {
      const queryKey = ["reach", baseUrl];
      const known = client.getQueryData<Reach>(queryKey);
      const asked = client.query({
        queryKey,
        queryFn: async () => answerTo(api.checkReach({})),
        staleTime: known?.reachable === true ? REACHABLE_FOR_MS : 0,
      });
      return asked.then(
        ({ reachable }) => reachable,
        () => false,
      );
    },
    dismissInvite(sessionId: string): void {
      invites.dismiss(sessionId);
      client.setQueryData<InvitesView>(
        ["invites"],
        (view) => view && { ...view, shown: view.shown.filter((invite) => invite.session_id !== sessionId) },
      );
    },
  };
}

export type PageState = ReturnType<typeof createPageState>;

function keysOf(item: ChangeEvent): readonly string[] {
  // The overview names the provider as well, and the deliveries of a message are part of its approval.
  return item === "sms" ? ["sms", "invites"] : item === "messages" ? ["messages", "approvals"] : [item];
}

function inviteNotices(notices: Notices): InviteEvents {
  return {
    ended(invite) {
      // "Check your phone" is out of date.
      notices.clear("pair");
      const { cancel_reason: reason, phone_number: number } = invite;
      if (reason === "declined") notices.say("invites", numberIn("invites.wasDeclined", number), "check");
      else if (reason === "wrong_digits") notices.say("invites", numberIn("invites.hadWrongDigits", number), "check");
      else if (invite.status === "cancelled") notices.say("invites", numberIn("invites.wasCancelled", number));
    },
    delivered: (invite) => notices.say("unseen", numberIn("delivery.wasDelivered", invite.phone_number)),
    opened: (invite) => notices.say("unseen", numberIn("delivery.wasOpened", invite.phone_number)),
  };
}

const PageStateContext = createContext<PageState | undefined>(undefined);
export const PageStateProvider = PageStateContext.Provider;

export function usePageState(): PageState {
  const pageState = useContext(PageStateContext);
  if (!pageState) throw new Error("no PageStateProvider around this part of the page");
  return pageState;
}

export function useInvites() {
  const { readInvites } = usePageState();
  return useQuery({ queryKey: ["invites"], queryFn: readInvites });
}

function useAnswer<T>(queryKey: readonly string[], ask: (api: PairingApi) => Promise<Reply<T>>) {
  const { connection } = usePageState();
  return useQuery({ queryKey, queryFn: async () => answerTo(ask(connection.api)) });
}

export const useSmsSettings = () => useAnswer(["sms"], async (api) => api.smsSettings({}));
export const useReachability = () => useAnswer(["reachability"], async (api) => api.reachability({}));
export const useHostSettings = () => useAnswer(["settings"], async (api) => api.hostSettings({}));
export const useWindows = () => useAnswer(["settings", "windows"], async (api) => api.listWindows({}));
export const useAdminToken = () => useAnswer(["settings", "admin-token"], async (api) => api.adminToken({}));

/** Whether phones can reach the address. Checked without being asked only where a text message would be paid for. */
export function useReach({ base_url, sms_provider }: Overview) {
  const { connection } = usePageState();
  return useQuery({
    queryKey: ["reach", base_url],
    queryFn: async () => answerTo(connection.api.checkReach({})),
    enabled: base_url !== "" && sms_provider !== "mock",
  });
}

/** Pages of the audit trail, newest first; read again when the window gets the focus. */
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

export function useView(): View {
  const { views } = usePageState();
  return useSyncExternalStore(views.subscribe, views.current);
}

/** Whether this view is or was shown. */
export function useWasShown(view: View): boolean {
  const isShown = useView() === view;
  const [was, setWas] = useState(isShown);
  if (isShown && !was) setWas(true);
  return isShown || was;
}

/** Calls `opened` for each place before it takes the focus, so that this part of the page can show it first. */
export function useOpenedPlaces(opened: (place: PagePlace) => void): void {
  const { places } = usePageState();
  const listener = useEffectEvent(opened);
  useEffect(() => places.onOpen((place) => listener(place)), [places]);
}
