import type { Level } from "../../contract/levels.ts";
import { fill } from "../../words/message.ts";
import type { PageWords } from "../../words/page-languages.ts";
import { abilitiesOf } from "../abilities.ts";
import { built, filled, type Html, html, markupOf } from "./html.ts";

/** Every way a visit can end, or fail to begin. Errors are named by the wire's own `code`. */
export type ResultName = keyof PageWords["pairResults"];

/** What the build made for the page, and the words of the language it is in. */
export interface PageParts {
  /** Where its script is. */
  readonly script: string;
  /** Its whole style sheet: within the page, because the first paint would wait for another way to the server and back. */
  readonly style: string;
  readonly words: PageWords;
}

/** The question itself. All texts are cleaned already; they are escaped here. */
interface AskPage {
  readonly kind: "ask";
  readonly code: string;
  /** By text message or by QR code. */
  readonly method: "sms" | "qr";
  /** There when a one-time password is asked for: what is known of it, or "". */
  readonly otp?: string;
  /** What was wrong with the last answer. */
  readonly problem?: string;
  /** Names this visit's attempt, so that asking twice is answered once. */
  readonly requestId: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly deviceType: string;
  readonly osVersion: string;
  readonly userName: string;
  readonly computerName: string;
  /** What the phone will be allowed to do. */
  readonly level: Level;
  readonly secondsLeft: number;
  /** ISO 8601, UTC, whole seconds. */
  readonly expiresAt: string;
  /** Accepting is not all: somebody at the computer confirms the phone then. */
  readonly mustConfirm: boolean;
  /** The phone has to show digits first, which somebody at the computer types. */
  readonly needsDigits: boolean;
}

/** The phone accepted, and is paired once somebody at the computer has typed its digits. */
interface ClaimPage {
  readonly kind: "claim";
  readonly code: string;
  readonly method: "sms" | "qr";
  readonly claimId: string;
  readonly claimSecret: string;
  readonly digits: string;
  readonly computerName: string;
}

/** An answer. `missing`: the address held no code at all, as after a reload of an address whose code was taken out. */
interface ResultPage {
  readonly kind: "result";
  readonly result: ResultName;
  /** Of the phone that was paired, where it is known. */
  readonly level?: Level | undefined;
  readonly missing?: boolean;
  readonly retryAfter?: number | undefined;
}

export type PairPage = AskPage | ClaimPage | ResultPage;

/** The whole document. The same for everybody who asks, people and robots. */
export function renderPage(page: PairPage, parts: PageParts): string {
  const { words } = parts;
  const title = titleOf(page, words);
  return markupOf(html`<!doctype html>
<html lang="${words.language}" dir="${words.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>${title}</title>
<style>${built(parts.style)}</style>
<script type="module" src="${parts.script}" referrerpolicy="no-referrer"></script>
<meta name="robots" content="noindex, nofollow, noarchive">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f7f8fa" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#121417" media="(prefers-color-scheme: dark)">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<meta property="og:title" content="Top Dog">
<link rel="icon" href="${ICON}">
${page.kind !== "result" && FORM_NAMES_ITS_ORIGIN}
</head>
<body>
<main id="sheet">${page.kind === "ask" ? question(page, words) : page.kind === "claim" ? claim(page, words) : result(page, words)}</main>
${page.kind === "ask" && IN_PLACE.map((id) => template(id, id === "paired" && page.mustConfirm ? "unconfirmed" : id, page.level, words))}
${page.kind === "ask" && page.needsDigits && html`<template id="claim" data-title="${words.pairClaim.title}">${claimText("", page.computerName, words)}</template>`}
</body>
</html>
`);
}

function titleOf(page: PairPage, words: PageWords): string {
  if (page.kind === "result") return words.pairResults[page.result].title;
  return page.kind === "ask" ? words.pairPage.title : words.pairClaim.title;
}

/**
 * Under `no-referrer` a browser posts a form with `Origin: null`, as a foreign page does. This policy sends the origin, without
 * the address, and applies to the form alone: everything before it is requested with `no-referrer`.
 */
const FORM_NAMES_ITS_ORIGIN = html`<meta name="referrer" content="strict-origin">`;

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 64'%3E%3Crect width='64' height='64' rx='15' fill='%230a5cd6'/%3E%3Cpath fill='%23fff' d='M15 15q6-3 12 4h10q6-7 12-4 3 9-2 17c1 11-6 18-15 18s-16-7-15-18q-5-8-2-17'/%3E%3C/svg%3E";

/** Decoration: the heading beside it says everything. */
const MARK = html`<svg class="mark" viewBox="0 0 64 64" width="56" height="56" aria-hidden="true" focusable="false"><rect class="tile" width="64" height="64" rx="15"/><path class="face" d="M15 15q6-3 12 4h10q6-7 12-4 3 9-2 17c1 11-6 18-15 18s-16-7-15-18q-5-8-2-17"/><circle class="tile" cx="25.5" cy="30" r="2.6"/><circle class="tile" cx="38.5" cy="30" r="2.6"/><ellipse class="tile" cx="32" cy="39.5" rx="4.2" ry="2.9"/></svg>`;
const TICK = html`<svg class="mark good" viewBox="0 0 64 64" width="64" height="64" aria-hidden="true" focusable="false"><circle cx="32" cy="32" r="30"/><path d="m19 33 9 9 18-20"/></svg>`;
const STOP = html`<svg class="mark stop" viewBox="0 0 64 64" width="64" height="64" aria-hidden="true" focusable="false"><circle cx="32" cy="32" r="29"/><path d="M32 18v18m0 9v1"/></svg>`;

const abilityList = (level: Level, { abilities }: PageWords): Html =>
  html`<div class="card"><ul>${abilitiesOf(level, abilities).map((ability) => html`<li>${ability}</li>`)}</ul></div>`;

/** Where a one-time password is typed, its field and the answer come first: nothing may cover them, nor have to be scrolled to. */
function question(page: AskPage, words: PageWords): Html {
  const { pairPage } = words;
  const isOtpFirst = page.otp !== undefined;
  return html`
<form id="ask" method="post" action="/pair" autocomplete="off" data-by="${page.method}" data-type="${page.deviceType}" data-os="${page.osVersion}">
<div class="question">
<div class="link" aria-hidden="true">${MARK}<i></i></div>
<h1 id="heading" tabindex="-1">${pairPage.title}</h1>
<p class="lead">${pairPage.wants}</p>
${page.otp === undefined ? details(page, words) : otpField(page.otp, words)}
</div>
${answer(page, words)}
${isOtpFirst && html`<div class="question">${details(page, words)}</div>`}
</form>`;
}

/** Who asks, what the phone may do then, and its name. */
function details(page: AskPage, words: PageWords): Html {
  const { pairPage } = words;
  return html`<div class="card facts">
<p>${filled(pairPage.device, { name: html`<strong><bdi id="device">${page.deviceName}</bdi></strong>` })}</p>
<p>${nameIn(pairPage.user, page.userName)}</p>
${page.computerName !== "" && html`<p>${nameIn(pairPage.computer, page.computerName)}</p>`}
</div>
<h2>${pairPage.able}</h2>
${abilityList(page.level, words)}
<label for="name">${pairPage.name}</label>
<input id="name" name="device_name" type="text" value="${page.deviceName}" maxlength="40" dir="auto" autocapitalize="words" spellcheck="false" enterkeyhint="done" autocomplete="off" aria-describedby="hint">
<p id="hint" class="hint">${pairPage.nameHint}</p>
<p id="elsewhere" class="card quiet" hidden>${pairPage.elsewhere}</p>`;
}

function answer(page: AskPage, words: PageWords): Html {
  const { pairPage } = words;
  return html`<div class="answer">
<p class="caution">${pairPage.caution}</p>
<p id="timer" class="hint" role="timer" data-seconds="${page.secondsLeft}"><time datetime="${page.expiresAt}">${fill(pairPage.expiresUtc, { time: page.expiresAt.slice(11, 16) })}</time> <span>${leftOf(page.secondsLeft, words)}</span></p>
<p id="problem" class="problem" role="alert">${page.problem}</p>
<input type="hidden" name="${page.method === "qr" ? "token" : "code"}" value="${page.code}">
<input type="hidden" name="request_id" value="${page.requestId}">
<input type="hidden" name="device_id" value="${page.deviceId}">
${ENTER_DOES_NOT_ANSWER}
<div class="buttons">
<button class="decline" name="action" value="decline">${pairPage.decline}</button>
<button class="accept" name="action" value="accept">${pairPage.accept}</button>
</div>
<p id="status" class="sr-only" role="status"></p>
</div>`;
}

/** Without the script, the button asks whether the digits were typed. */
function claim(page: ClaimPage, words: PageWords): Html {
  return html`
<form method="post" action="/pair" autocomplete="off">
${claimText(page.digits, page.computerName, words)}
<div class="answer">
<input type="hidden" name="${page.method === "qr" ? "token" : "code"}" value="${page.code}">
<input type="hidden" name="claim_id" value="${page.claimId}">
<input type="hidden" name="claim_secret" value="${page.claimSecret}">
<div class="buttons"><button class="accept" name="action" value="check">${words.pairClaim.check}</button></div>
</div>
</form>`;
}

/** The script fills in the digits where they are not known yet. */
function claimText(digits: string, computerName: string, { pairClaim }: PageWords): Html {
  const parts = { digits: html`<strong class="digits" dir="ltr">${digits}</strong>`, computer: html`<bdi>${computerName}</bdi>` };
  return html`
<div class="result">
${MARK}
<h1 id="heading" tabindex="-1">${filled(computerName === "" ? pairClaim.headingNoName : pairClaim.heading, parts)}</h1>
<p class="next">${pairClaim.todo}</p>
<p id="timer" class="hint" role="timer"></p>
<p class="hint">${pairClaim.nobody}</p>
<p id="status" class="problem" role="status"></p>
</div>`;
}

/** One field, as phones fill in and people paste; blanks do not matter. */
function otpField(otp: string, { pairPage }: PageWords): Html {
  return html`<label for="otp">${pairPage.otp}</label>
<input id="otp" name="otp_code" type="text" value="${otp}" inputmode="numeric" autocomplete="one-time-code" maxlength="12" dir="ltr" spellcheck="false" enterkeyhint="done" aria-describedby="otp-hint">
<p id="otp-hint" class="hint">${pairPage.otpHint}</p>`;
}

/** The first button of a form is what the keyboard's Enter presses; a name that was just typed must not pair the phone. */
const ENTER_DOES_NOT_ANSWER = html`<button disabled hidden></button>`;

/** Answers that the script puts in the question's place; without it they are pages of their own. */
const IN_PLACE = [
  "paired",
  "declined",
  "invite_already_used",
  "invite_expired",
  "invite_cancelled",
  "invite_not_found",
] as const satisfies readonly ResultName[];

function template(id: ResultName, name: ResultName, level: Level, words: PageWords): Html {
  const address = name === "paired" ? resultAddress(name, level) : (name === "declined" || name === "unconfirmed") && resultAddress(name);
  return html`<template id="${id}" data-title="${words.pairResults[name].title}"${address && html` data-address="${address}"`}>${result({ kind: "result", result: name, level }, words)}</template>
`;
}

/** Where a reload shows the same result again. */
export function resultAddress(name: "paired" | "unconfirmed" | "declined", level?: Level): string {
  return `/pair/done?result=${name}${level === undefined ? "" : `&level=${level}`}`;
}

const openInbox = ({ pairResultParts }: PageWords): Html =>
  html`<p><a class="button accept" href="/inbox">${pairResultParts.openInbox}</a></p>`;

/** The script shows it where the browser kept the phone's token; elsewhere there is nothing to open. */
const inbox = (words: PageWords): Html => html`<div id="inbox" hidden>
<p id="notify" class="card" hidden data-blocked="${words.notify.blocked}" data-waiting="${words.notify.waiting}">${words.notify.off}</p>
<button id="allow" class="accept" type="button" hidden>${words.notify.allow}</button>
<p data-on="apple" hidden>${filled(words.notify.apple, { link: html`<a href="/inbox#home-screen">${words.notify.addIt}</a>` })}</p>
${openInbox(words)}
<p class="hint" data-on="android" hidden>${words.androidHomeScreen}</p>
</div>`;

const pairedHere = (words: PageWords): Html =>
  html`<div id="inbox" data-heading="${words.pairResultParts.pairedAlready}" hidden>${openInbox(words)}</div>`;

/** So that nobody is left without a way on. */
const anotherLink = ({ pairResultParts }: PageWords): Html =>
  html`<p><a class="button accept" href="/">${pairResultParts.anotherLink}</a></p>`;
const WAYS_ON: Readonly<Partial<Record<ResultName, (words: PageWords) => Html>>> = {
  invite_already_used: pairedHere,
  invite_expired: anotherLink,
  invite_cancelled: anotherLink,
  invite_not_found: anotherLink,
  no_link: (words) => html`<form id="paste" hidden><label for="link">${words.pairResultParts.link}</label>
<input id="link" type="text" inputmode="url" autocomplete="off" autocapitalize="none" spellcheck="false" enterkeyhint="go">
<p id="problem" class="problem" role="alert"></p>
<div class="buttons"><button class="accept">${words.pairResultParts.openLink}</button></div></form>
<div id="inbox" hidden>${openInbox(words)}</div>`,
};

function result({ result: name, level, missing, retryAfter }: ResultPage, words: PageWords): Html {
  const { heading, meaning, next } = words.pairResults[name];
  const wait = retryAfter === undefined ? next : fill(words.pairResultParts.wait, { wait: waitOf(retryAfter, words) });
  return html`
<div class="result" data-result="${name}"${missing === true && html` data-missing`}>
${name === "paired" ? TICK : STOP}
<h1 id="heading" tabindex="-1">${heading}</h1>
${(name !== "paired" || level !== undefined) && html`<p id="meaning">${meaning}</p>`}
${name === "unconfirmed" && openInbox(words)}
${name === "paired" && html`${level !== undefined && abilityList(level, words)}${inbox(words)}`}
<p class="next">${name === "rate_limited" ? wait : next}</p>
${WAYS_ON[name]?.(words)}
</div>`;
}

function nameIn(sentence: string, name: string): readonly Html[] {
  return filled(sentence, { name: html`<strong><bdi>${name}</bdi></strong>` });
}

function leftOf(seconds: number, { timeLeft, language }: PageWords): string {
  return seconds < 60 ? timeLeft.seconds : fill(timeLeft.minutes, { count: Math.round(seconds / 60) }, language);
}

/** Rounded up: a request that comes a second too early is rejected again. */
function waitOf(seconds: number, { pairResultParts, language }: PageWords): string {
  const { seconds: inSeconds, minutes } = pairResultParts;
  return seconds < 100 ? fill(inSeconds, { count: seconds }, language) : fill(minutes, { count: Math.ceil(seconds / 60) }, language);
}
