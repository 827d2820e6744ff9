/*
 * The inbox: shows what this phone was sent, and first what waits for an answer. The saved inbox of the last visit is shown at once, with
 * its age; it is live once the computer has answered.
 */
import { command, page, thisPhone, connection as words } from "../../words/phone.ts";
import { fill } from "../fill.ts";
import { find } from "../find.ts";
import { announce, say } from "./announce.ts";
import { element, onPress } from "./element.ts";
import { type Connection, followInbox } from "./follow-inbox.ts";
import { signIn, startSignedIn, takeStartCode } from "./handoff.ts";
import { inboxOf, levelOf, waitingAt, withPage } from "./inbox-state.ts";
import { noteSeen, reportSeen } from "./report-seen.ts";
import { forgetInbox, readSavedInbox, saveInbox, savePage } from "./save-inbox.ts";
import { phoneIsAhead, serverNow } from "./server-clock.ts";
import { listView, showTimeLeft } from "./show-list.ts";
import { renewSubscription } from "./show-notifications.ts";
import { resultView } from "./show-result.ts";
import type { InstallOffer } from "./show-settings.ts";
import { approvalAt, approvalIdOf, viewAt } from "./view.ts";
import type { View, Visit } from "./visit.ts";
import { clockWords, connectionWords } from "./words.ts";

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
let open: (View & { readonly hash: string }) | undefined;
let install: InstallOffer | undefined;
let waitingIds = "";

const list = listView((messageId) => noteSeen(visit, messageId));
const header = connectionView(() => following.wake());
const back = element("a", { href: "#", class: "back" }, page.back);
const listHeading = element("h1", { tabindex: "-1", id: "list-heading" }, page.inbox);
const settingsLink = element("a", { href: "#settings", class: "to-settings" }, thisPhone.heading);
const commandLink = element("a", { href: "#command", class: "to-settings" }, command.heading);
const links = element("nav", { "aria-label": page.more }, commandLink, settingsLink);
const title = element("div", { class: "title" }, listHeading, links);
const main = element("main", {}, header.node, title, list.node);
app.append(main);

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
    visit.change(after);
    announce(before, after, wasLive, serverNow());
    reportSeen(visit);
    return page.next;
  },
  show(now) {
    const was = connection.kind;
    connection = now;
    show();
    if (now.kind === "connected" ? was !== "connecting" : now.kind !== "connecting") say("polite", header.words());
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
  header.update(connection, inbox?.lastContactAt, phoneIsAhead(), now);
  if (inbox) list.update(inbox, now);
  commandLink.hidden = inbox !== undefined && levelOf(inbox.device) !== "command";
  const waiting = inbox ? waitingAt(inbox, now) : [];
  waitingIds = idsOf(waiting);
  document.title = waiting.length === 0 ? page.title : fill(page.titleWaiting, { count: waiting.length });
  updateView(now);
  if (open?.isStale?.() === true) route(true);
}

function updateView(now: number): void {
  if (visit.inbox) open?.update?.(visit.inbox, connection.kind === "connected", now);
}

function tick(): void {
  if (visit.isOver) return;
  const now = serverNow();
  showTimeLeft(main, now);
  updateView(now);
  if (visit.inbox && waitingIds !== idsOf(waitingAt(visit.inbox, now))) show();
  setTimeout(tick, 1000);
}

function idsOf(messages: readonly { readonly message_id: string }[]): string {
  return messages.map(({ message_id }) => message_id).join();
}

/** Opens what the address names; `anew`: even if it is open. */
function route(anew = false): void {
  if (visit.isOver) return;
  // Going back in the history may bring back a code, which was for another start.
  takeStartCode();
  const { hash } = location;
  if (open?.hash === hash && !anew) return;
  const from = open?.hash;
  open?.close?.();
  open?.node.remove();
  const view = viewAt(hash, visit, install);
  open = view && { hash, ...view };
  const approval = approvalAt(hash, visit.inbox);
  if (approval) noteSeen(visit, approval.message_id);
  list.node.hidden = title.hidden = open !== undefined;
  if (open) {
    main.append(back, open.node);
    scrollTo(0, 0);
    show();
    open.node.querySelector<HTMLElement>("h1")?.focus();
  } else {
    back.remove();
    if (from !== undefined) focusLinkTo(from);
  }
}

/** Back in the list, the focus returns to where the view was opened. */
function focusLinkTo(hash: string): void {
  const approvalId = approvalIdOf(hash);
  if (approvalId !== undefined) list.focus(approvalId);
  else (hash === "#command" ? commandLink : settingsLink).focus();
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
  document.title = heading?.textContent ?? document.title;
  history.replaceState(null, "", "/inbox");
  say("polite", "");
  heading?.focus();
  // Without a token nothing is known of this phone's pairing: the browser may only have lost it, or sent another server's.
  if (!isDoubtful && code !== "token_missing") await forgetInbox();
}

/** What is known of the connection, no more. */
function connectionView(tryNow: () => void) {
  const sign = element("span", { class: "dot", "aria-hidden": "true" });
  const text = element("span", { id: "connection" });
  const button = element("button", { type: "button", class: "decline small", hidden: true }, words.tryNow);
  const clock = element("p", { class: "clock", hidden: true });
  onPress(button, tryNow);
  return {
    node: element("div", { class: "connection" }, element("p", {}, sign, text), button, clock),
    update(connection: Connection, lastContactAt: number | undefined, aheadBy: number, now: number): void {
      sign.className = `dot ${connection.kind}`;
      const sentence = connectionWords(connection, lastContactAt, now);
      if (text.textContent !== sentence) text.textContent = sentence;
      button.hidden = connection.kind === "connecting" || connection.kind === "connected";
      clock.textContent = clockWords(aheadBy);
      clock.hidden = clock.textContent === "";
    },
    words: () => text.textContent ?? "",
  };
}
