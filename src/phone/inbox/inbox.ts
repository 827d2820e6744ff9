/*
 * The inbox: shows what this phone was sent, first what waits for an answer. What is kept from the last visit is shown at once, with
 * its age; it becomes live when the computer has answered.
 */

import { command } from "../../words/en/phone/command.ts";
import { announced, page, retry, list as words } from "../../words/en/phone/inbox.ts";
import { thisPhone } from "../../words/en/phone/this-phone.ts";
import { fill } from "../../words/message.ts";
import { askDoor, askUntilAnswered } from "./ask-door.ts";
import { element } from "./element.ts";
import { type Connection, followInbox } from "./follow-inbox.ts";
import { signIn, startSignedIn, takeStartCode } from "./handoff.ts";
import { forgetInbox, keepInbox, keepPage, recallInbox } from "./keep.ts";
import {
  type Device,
  findApproval,
  inboxOf,
  type KeptInbox,
  type Settled,
  statusAt,
  waitingAt,
  withPage,
  withSeen,
  withSettled,
  withTold,
} from "./kept-inbox.ts";
import { phoneIsAhead, serverNow } from "./server-clock.ts";
import { type ApprovalView, approvalView } from "./show-approval.ts";
import { type CommandView, commandView } from "./show-command.ts";
import { connectionView } from "./show-connection.ts";
import { homeScreenView } from "./show-home-screen.ts";
import { listView, showTimeLeft } from "./show-list.ts";
import { notHereView } from "./show-not-here.ts";
import { renewSubscription } from "./show-notifications.ts";
import { endingView } from "./show-result.ts";
import { type InstallOffer, settingsView } from "./show-settings.ts";
import { settledBy, timeLeft } from "./words.ts";

const TELL_SEEN_AFTER = 500;
/** As many as the operation takes. */
const MAX_SEEN = 100;

const startCode = takeStartCode();
const app = find("#app");
let kept: KeptInbox | undefined = recallInbox();
let connection: Connection = { kind: "connecting" };
let ended = false;
let unpairing = false;
/** Everything that waited at the computer is here. */
let caughtUp = false;
/** What is open over the list. */
let open:
  | {
      readonly hash: string;
      readonly node: HTMLElement;
      readonly approval?: ApprovalView;
      readonly command?: CommandView;
      readonly close?: () => void;
      /** More is known by now than when it was opened: it is made anew. */
      readonly isStale?: () => boolean;
    }
  | undefined;
let install: InstallOffer | undefined;
let waitingIds = "";

const list = listView(noteSeen);
const header = connectionView(() => following.wake());
const back = element("a", { href: "#", class: "back" }, page.back);
const listHeading = element("h1", { tabindex: "-1", id: "list-heading" }, page.inbox);
const settingsLink = element("a", { href: "#settings", class: "to-settings" }, thisPhone.heading);
const commandLink = element("a", { href: "#command", class: "to-settings" }, command.heading);
const links = element("nav", { "aria-label": page.more }, commandLink, settingsLink);
const main = element("main", {}, header.node, element("div", { class: "title" }, listHeading, links), list.node);
const title = listHeading.parentElement as HTMLElement;
app.append(main);

const following = followInbox({
  welcome(device) {
    kept = inboxOf(device, kept, serverNow());
    keepPage();
    // It is tried again at the next visit.
    renewSubscription().catch(() => undefined);
    show();
    return kept.next;
  },
  take(page) {
    if (!kept) return page.next;
    caughtUp ||= page.messages.length === 0;
    const before = kept;
    const wasLive = connection.kind === "connected";
    change(withPage(before, page, serverNow()));
    announce(before, kept, wasLive);
    if (kept.untold.length > 0) emitSeen();
    return page.next;
  },
  show(now) {
    const was = connection.kind;
    connection = now;
    show();
    if (now.kind === "connected" ? was !== "connecting" : now.kind !== "connecting") say("polite", header.words());
  },
  // What ends by our own wish may be heard of in two ways.
  turnedAway: (code, detail) => void turnAway(unpairing ? "unpaired" : code, detail),
});

addEventListener("hashchange", () => route());
if ("serviceWorker" in navigator) {
  // A notification was tapped while the page was open.
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string" && approvalOf(data) !== undefined) location.hash = data;
  });
}
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  install = event as InstallOffer;
});
route();
tick();

function change(now: KeptInbox): void {
  kept = now;
  keepInbox(now);
  show();
}

/** Everything that is on the page, as it is now. */
function show(): void {
  if (ended) return;
  const now = serverNow();
  header.update(connection, kept?.lastContactAt, phoneIsAhead(), now);
  if (kept) list.update(kept, now);
  const waiting = kept ? waitingAt(kept, now) : [];
  waitingIds = waiting.map(({ message_id }) => message_id).join();
  document.title = waiting.length === 0 ? page.title : fill(page.titleWaiting, { count: waiting.length });
  const approvalId = approvalOf(location.hash);
  const message = kept && approvalId !== undefined ? findApproval(kept, approvalId) : undefined;
  if (kept && message) open?.approval?.update(message, kept.device.device_id, connection.kind === "connected", now);
  if (kept) open?.command?.update(kept.items, now);
  if (open?.isStale?.() === true) route(true);
}

function tick(): void {
  if (ended) return;
  const now = serverNow();
  showTimeLeft(main, now);
  if (kept) open?.command?.update(kept.items, now);
  if (
    kept &&
    waitingIds !==
      waitingAt(kept, now)
        .map(({ message_id }) => message_id)
        .join()
  )
    show();
  setTimeout(tick, 1000);
}

function route(anew = false): void {
  if (ended) return;
  // By going back in the history: the code was for another start.
  takeStartCode();
  const { hash } = location;
  if (open?.hash === hash && !anew) return;
  const from = open?.hash;
  open?.command?.close();
  open?.close?.();
  open?.node.remove();
  open = undefined;
  const approvalId = approvalOf(hash);
  const message = kept && approvalId !== undefined ? findApproval(kept, approvalId) : undefined;
  if (message) {
    const view = approvalView(message, serverNow(), async (choice, retrying) => {
      const reply = await askUntilAnswered<Settled>(
        "POST",
        `/phone/approvals/${encodeURIComponent(message.payload.approval_id)}/decision`,
        choice,
        retrying,
      );
      if (reply.kind === "done") {
        if (kept) change(withSettled(kept, reply.answer));
      } else if (reply.kind === "refused") {
        if (reply.status === 401 || reply.status === 403) void end(reply.problem.code, reply.problem.detail);
        const status =
          reply.problem.code === "approval_expired" ? "expired" : reply.problem.code === "approval_cancelled" ? "cancelled" : undefined;
        if (status && kept) change(withSettled(kept, { approval_id: message.payload.approval_id, status }));
      }
      return reply;
    });
    open = { hash, node: view.node, approval: view };
    noteSeen(message.message_id);
  } else if (hash === "#command" && kept) {
    const command = commandView(kept.device.device_id);
    open = { hash, node: command.node, command };
  } else if (hash === "#settings" || hash === "#notifications") {
    const node = settingsView(kept?.device, serverNow(), install, rename, unpair, hash === "#notifications").node;
    open = { hash, node, ...(kept ? {} : { isStale: () => kept !== undefined }) };
  } else if (hash === "#home-screen") {
    open = { hash, ...homeScreenView() };
  } else if (hash !== "" && hash !== "#") {
    const looking = !caughtUp && (approvalId !== undefined || hash === "#command");
    const isThere = (): boolean =>
      kept !== undefined && (hash === "#command" || (approvalId !== undefined && findApproval(kept, approvalId) !== undefined));
    // A link may be older than what is kept of it, and newer than what has come.
    open = { hash, node: notHereView(hash.startsWith("#approval"), looking), isStale: () => isThere() || (looking && caughtUp) };
  }
  list.node.hidden = title.hidden = open !== undefined;
  if (open) {
    main.append(back, open.node);
    open.node.before(back);
    scrollTo(0, 0);
    show();
    open.node.querySelector<HTMLElement>("h1")?.focus();
  } else {
    back.remove();
    const left = from === undefined ? undefined : approvalOf(from);
    if (left !== undefined) list.focus(left);
    else if (from !== undefined) (from === "#command" ? commandLink : settingsLink).focus();
  }
}

function approvalOf(hash: string): string | undefined {
  const [, id] = /^#approval\/(.+)$/.exec(hash) ?? [];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** What came just now, for those who do not see the page. */
function announce(before: KeptInbox, after: KeptInbox, wasLive: boolean): void {
  const now = serverNow();
  const waiting = waitingAt(after, now);
  if (!wasLive) {
    say("polite", waiting.length === 0 ? words.clear : fill(announced.waiting, { count: waiting.length }));
    return;
  }
  const knew = new Set(before.items.map(({ message_id }) => message_id));
  const asks = waiting.filter(({ message_id }) => !knew.has(message_id));
  const [first] = asks;
  if (first) {
    const left = timeLeft(Date.parse(first.payload.requires_approval_by) - now);
    say(
      "urgent",
      asks.length === 1
        ? fill(announced.approval, { project: first.payload.project_name, left })
        : fill(announced.approvals, { count: asks.length }),
    );
  }
  const news = after.items.filter(({ message_id, type }) => type === "notification" && !knew.has(message_id)).length;
  const settled = waitingAt(before, now).flatMap(({ payload: { approval_id, project_name } }) => {
    const found = findApproval(after, approval_id);
    if (!found || statusAt(found, now) === "pending") return [];
    return [fill(announced.settled, { project: project_name, sentence: settledBy(found.payload, after.device.device_id, now) })];
  });
  const said = [...settled, ...(news === 0 ? [] : [fill(announced.messages, { count: news })])].join(" ");
  if (said !== "") say("polite", said);
}

let reportLater: ReturnType<typeof setTimeout> | undefined;

function noteSeen(messageId: string): void {
  // What is old is seen as well, but nobody can be told before the computer answers.
  if (!kept || kept.seen.includes(messageId)) return;
  change(withSeen(kept, messageId));
  emitSeen();
}

function emitSeen(): void {
  clearTimeout(reportLater);
  reportLater = setTimeout(() => void tell(), TELL_SEEN_AFTER);
}

async function tell(): Promise<void> {
  const told = kept?.untold.slice(0, MAX_SEEN) ?? [];
  if (told.length === 0 || ended) return;
  const { kind } = await askDoor("POST", "/phone/inbox/acknowledge", { body: { read: told } });
  if (kind !== "done" || !kept) return;
  change(withTold(kept, told));
  if (kept.untold.length > 0) emitSeen();
}

async function rename(typed: string, retrying: () => void): Promise<Device | string> {
  const reply = await askUntilAnswered<Device>("PATCH", "/phone/me", { device_name: typed }, retrying);
  if (reply.kind === "lost") return retry.lost;
  if (reply.kind === "refused") {
    if (reply.status === 401 || reply.status === 403) await end(reply.problem.code, reply.problem.detail);
    return reply.problem.detail;
  }
  if (kept) change({ ...kept, device: reply.answer });
  return reply.answer;
}

async function unpair(retrying: () => void): Promise<string> {
  unpairing = true;
  const reply = await askUntilAnswered("DELETE", "/phone/me", undefined, retrying);
  // An answer that was lost may have unpaired it all the same.
  if (reply.kind === "done" || (reply.kind === "refused" && reply.status === 401)) {
    await end("unpaired", "");
    return "";
  }
  unpairing = false;
  return reply.kind === "lost" ? retry.lost : reply.problem.detail;
}

/** An installed app that is started for the first time has a code in the place of a cookie. */
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
  if (ended) return;
  ended = true;
  following.stop();
  // One of two clocks is wrong where they disagree: nothing is deleted before the pairing is over by both.
  const isDoubtful = code === "token_expired" && kept !== undefined && Date.parse(kept.device.expires_at) > Date.now();
  kept = undefined;
  const ending = endingView(isDoubtful ? "clocks_disagree" : code, detail, wrongCode);
  app.replaceChildren(ending);
  document.title = ending.querySelector("h1")?.textContent ?? document.title;
  history.replaceState(null, "", "/inbox");
  say("polite", "");
  ending.querySelector<HTMLElement>("h1")?.focus();
  // Without a token nothing is known of this phone's pairing: the browser may only have lost it, or sent another server's.
  if (!isDoubtful && code !== "token_missing") await forgetInbox();
}

function say(where: "polite" | "urgent", text: string): void {
  find(`#${where}`).textContent = text;
}

function find(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}
