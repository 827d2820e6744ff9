/*
 * The inbox: shows what this phone was sent, and first what waits for an answer. The saved inbox of the last visit is shown at once, with
 * its age; it is live once the computer has answered.
 */
import { announced, page } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { find } from "../find.ts";
import { announce, say } from "./announce.ts";
import { type Connection, followInbox } from "./follow-inbox.ts";
import { frameView, isTab, type Tab } from "./frame.ts";
import { signIn, startSignedIn, takeStartCode } from "./handoff.ts";
import { inboxOf, waitingAt, withCleared, withPage } from "./inbox-state.ts";
import { pullToRefresh } from "./pull-to-refresh.ts";
import { noteSeen, reportSeen } from "./report-seen.ts";
import { forgetInbox, readSavedInbox, saveInbox, savePage } from "./save-inbox.ts";
import { phoneIsAhead, serverNow } from "./server-clock.ts";
import { historyView } from "./show-history.ts";
import { listView, showTimeLeft } from "./show-list.ts";
import { renewSubscription } from "./show-notifications.ts";
import { resultView } from "./show-result.ts";
import type { InstallOffer } from "./show-settings.ts";
import { approvalAt, approvalIdOf, mayCommand, viewAt } from "./view.ts";
import type { View, Visit } from "./visit.ts";
import { watchSight } from "./watch-sight.ts";

const startCode = takeStartCode();
const app = find("#app");
const visit: Visit = {
  inbox: readSavedInbox(),
  isCaughtUp: false,
  isUnpairing: false,
  isOver: false,
  change(inbox) {
    visit.inbox = inbox;
    saveInbox(inbox);
    show();
  },
  end,
};
let connection: Connection = { kind: "connecting" };
let isRefreshing = false;
let install: InstallOffer | undefined;
let waitingIds = "";
let open: (View & { readonly hash: string }) | undefined;
/** The tab that is open, or that the open view was opened from. */
let tab: Tab = "";
/** How far each tab was scrolled. */
const scrolled = new Map<Tab, number>();

const watch = watchSight((messageId) => noteSeen(visit, messageId));
const list = listView({ watch, clear });
const past = historyView(watch);
const frame = frameView({ tryNow: () => following.wake(), refresh });
app.append(...frame.nodes);
frame.content.prepend(pullToRefresh(() => open?.node === list.node || open?.node === past.node, refresh));

const following = followInbox({
  welcome(device) {
    visit.inbox = inboxOf(device, visit.inbox, serverNow());
    savePage();
    // The next visit tries again.
    renewSubscription().catch(() => undefined);
    show();
    return visit.inbox.next;
  },
  take(page) {
    const before = visit.inbox;
    if (!before) return page.next;
    visit.isCaughtUp ||= page.messages.length === 0;
    const wasLive = connection.kind === "connected";
    const after = withPage(before, page, serverNow());
    if (isRefreshing) say("polite", announced.refreshed);
    isRefreshing = false;
    visit.change(after);
    announce(before, after, wasLive, serverNow());
    reportSeen(visit);
    return page.next;
  },
  show(now) {
    const was = connection.kind;
    connection = now;
    isRefreshing = false;
    show();
    if (now.kind === "connected" ? was !== "connecting" : now.kind !== "connecting") say("polite", frame.words());
  },
  turnedAway: (code, detail) => void turnAway(visit.isUnpairing ? "unpaired" : code, detail),
});

addEventListener("hashchange", () => route());
if ("serviceWorker" in navigator) {
  // A notification was tapped while the page was open.
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string" && approvalIdOf(data) !== undefined) location.hash = data;
  });
}
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  install = event as InstallOffer;
});
route();
tick();

/** Brings everything on the page up to date. */
function show(): void {
  if (visit.isOver) return;
  const now = serverNow();
  const { inbox } = visit;
  const waiting = inbox ? waitingAt(inbox, now) : [];
  waitingIds = idsOf(waiting);
  frame.update({
    connection,
    isRefreshing,
    lastContactAt: inbox?.lastContactAt,
    aheadBy: phoneIsAhead(),
    now,
    waiting: waiting.length,
    mayCommand: inbox === undefined || mayCommand(inbox),
  });
  updateView(now, waiting.length);
  showTimeLeft(frame.content, now);
  if (open?.isStale?.() === true) route(true);
}

function updateView(now: number, waiting: number): void {
  const { inbox } = visit;
  if (inbox) open?.update?.(inbox, connection, now);
  const title = fill(page.viewTitle, { view: open?.heading.textContent ?? "" });
  const withCount = waiting === 0 ? title : fill(page.titleWaiting, { count: waiting, title });
  if (document.title !== withCount) document.title = withCount;
}

function tick(): void {
  if (visit.isOver) return;
  const now = serverNow();
  const waiting = visit.inbox ? waitingAt(visit.inbox, now) : [];
  // The lists change with what happens, the time left of what is open with each second.
  if (open && open.node !== list.node && open.node !== past.node) updateView(now, waiting.length);
  showTimeLeft(frame.content, now);
  if (visit.inbox && waitingIds !== idsOf(waiting)) show();
  setTimeout(tick, 1000);
}

function idsOf(messages: readonly { readonly message_id: string }[]): string {
  return messages.map(({ message_id }) => message_id).join();
}

/** Asks the computer now, whatever it was asked before. */
function refresh(): void {
  if (connection.kind === "connected") isRefreshing = true;
  following.refresh();
  show();
}

function clear(messageIds: readonly string[]): void {
  if (!visit.inbox) return;
  visit.change(withCleared(visit.inbox, messageIds));
  reportSeen(visit);
  say("polite", announced.cleared);
}

/** Opens what the address names; `anew`: even if it is open. */
function route(anew = false): void {
  if (visit.isOver) return;
  // Going back in the history may bring back a code, which was for another start.
  takeStartCode();
  const hash = location.hash === "#" ? "" : location.hash;
  const from = open;
  if (from?.hash === hash && !anew) return;
  if (from && isTab(from.hash)) scrolled.set(from.hash, scrollY);
  from?.close?.();
  from?.node.remove();
  open = { hash, ...viewOf(hash) };
  if (isTab(hash)) tab = hash;
  const approval = approvalAt(hash, visit.inbox);
  if (approval) noteSeen(visit, approval.message_id);
  frame.open(open.heading, tab, isTab(hash));
  frame.content.append(open.node);
  show();
  scrollTo(0, isTab(hash) ? (scrolled.get(hash) ?? 0) : 0);
  // The first view is where reading begins anyway.
  if (from || !isTab(hash)) focusAfter(from?.hash);
}

function viewOf(hash: string): View {
  if (hash === "") return list;
  return hash === "#history" ? past : viewAt(hash, visit, install);
}

/** Back in a list, the focus returns to what was open. */
function focusAfter(from: string | undefined): void {
  const approvalId = from === undefined ? undefined : approvalIdOf(from);
  const hasFocus = approvalId !== undefined && (open?.focus?.(approvalId) ?? false);
  if (!hasFocus) open?.heading.focus({ preventScroll: true });
}

/** An installed app that is started for the first time has a code instead of a cookie. */
async function turnAway(code: string, detail: string): Promise<void> {
  if (startCode === undefined || !code.startsWith("token_")) {
    await end(code, detail);
    return;
  }
  const wrong = await signIn(startCode);
  if (wrong === "") startSignedIn();
  else await end(code, detail, wrong);
}

async function end(code: string, detail: string, wrongCode = ""): Promise<void> {
  if (visit.isOver) return;
  visit.isOver = true;
  following.stop();
  // If the clocks disagree, one of them is wrong: nothing is deleted before the pairing is over by both.
  const isDoubtful = code === "token_expired" && visit.inbox !== undefined && Date.parse(visit.inbox.device.expires_at) > Date.now();
  visit.inbox = undefined;
  const result = resultView(isDoubtful ? "clocks_disagree" : code, detail, wrongCode);
  const heading = result.querySelector("h1");
  app.replaceChildren(result);
  document.body.className = "";
  document.title = heading?.textContent ?? document.title;
  history.replaceState(null, "", "/inbox");
  say("polite", "");
  heading?.focus();
  // Without a token nothing is known of this phone's pairing: the browser may only have lost it, or sent another server's.
  if (!isDoubtful && code !== "token_missing") await forgetInbox();
}
