import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Request, type Response, Router } from "express";
import { present } from "../../base/present.ts";
import type { LimitBucket } from "../../contract/operations.ts";
import {
  type Caller,
  type Claimed,
  cleanName,
  type Instant,
  isoSeconds,
  isPlainText,
  LEVELS,
  levelOf,
  type Paired,
  type Pairing,
  PairingError,
  SECOND,
} from "../../core/index.ts";
import { FieldErrors } from "../../operations/problem.ts";
import { type PairPage, type ResultName, renderPage, resultAddress } from "../../phone/pair/page.ts";
import { requestFields } from "../../words/en/request-fields.ts";
import type { Language } from "../../words/languages.ts";
import type { PageWords } from "../../words/page-languages.ts";
import { sayError } from "../../words/say.ts";
import { HttpError, httpProblemOf } from "../http-error.ts";
import { isForm, readBytes } from "../read-request.ts";
import { ASSET_PATH, type PairAssets } from "./assets.ts";
import { describePhone } from "./describe-phone.ts";
import { resultOf } from "./pair-result.ts";
import { isRead, type PageHeaders, pagePolicy, redirect, sendAsset, sendPage, strictTransport } from "./send-page.ts";

interface Question {
  readonly code: string;
  readonly method: "sms" | "qr";
  readonly otp?: string;
  readonly deviceName?: string;
  readonly problem?: string;
}

export interface PairPageDeps {
  readonly pairing: Pairing;
  /** Already cleaned. Empty: the page does not name the computer. */
  readonly computerName: string;
  readonly assets: Readonly<Record<Language, PairAssets>>;
  readonly words: Readonly<Record<Language, PageWords>>;
  readonly languageOf: (request: IncomingMessage) => Language;
  readonly callerOf: (request: IncomingMessage) => Caller;
  /** Throws `rate_limited` when the caller asks too often. */
  readonly count: (request: IncomingMessage, bucket: LimitBucket, response: ServerResponse) => void;
  /** `Set-Cookie` values that hand the token to the phone's browser. */
  readonly deviceCookies: (token: string, expiresAt: Instant) => readonly string[];
  /** Whether the request comes from this door's own page. */
  readonly isSameOrigin: (request: IncomingMessage) => boolean;
  /** Logs an unexpected failure. Without it Express handles the failure. */
  readonly noteFailure?: (thrown: unknown) => void;
}

/** The form of an id that the page or its script generated; any other is replaced. */
const DEVICE_ID = /^web-[\w-]{16,80}$/;
const MAX_CODE = 256;
const MAX_NAME = 80;
const MAX_OTP = 20;
/** The code's name in the address and in the form. */
const FIELD_OF = { sms: "code", qr: "token" } as const;
/** Errors after which the person can answer the same page again. */
const CAN_RETRY: ReadonlySet<string> = new Set(["otp_required", "otp_invalid", "keys_unavailable", "claim_closed"]);
/** `check`: whether the digits that the phone shows were typed. */
const ACTIONS: ReadonlySet<string> = new Set(["accept", "decline", "check"]);
const RESULTS: ReadonlySet<string> = new Set<ResultName>(["paired", "unconfirmed", "declined"]);

interface PageContext extends PairPageDeps {
  readonly headers: (request: IncomingMessage) => PageHeaders;
  readonly show: (request: Request, response: Response, status: number, page: PairPage, headers?: PageHeaders) => void;
}

/** The pairing page: GET shows it and never changes anything, however often it is requested; POST is the person's answer. */
export function pairPages(deps: PairPageDeps): Router {
  const { assets, words, pairing, count, languageOf } = deps;
  const scripts = new Map(Object.values(assets).map(({ script }) => [script.path, script]));
  const headers = (request: IncomingMessage): PageHeaders => ({
    ...pagePolicy(assets[languageOf(request)].styleSource),
    ...strictTransport(pairing),
  });
  const show: PageContext["show"] = (request, response, status, page, more = {}) => {
    const language = languageOf(request);
    const { script, style } = assets[language];
    const markup = renderPage(page, { script: script.path, style, words: words[language] });
    sendPage(request, response, status, markup, { ...headers(request), ...more });
  };
  const context: PageContext = { ...deps, headers, show };
  const router = Router({ strict: true, caseSensitive: true });

  router.all("/pair", async (request, response, next) => {
    if (isRead(request)) await orResultPage(context, ask, request, response);
    else if (request.method === "POST") await orResultPage(context, settle, request, response);
    else next();
  });
  router.all("/", (request, response, next) => {
    // There is nothing here for programs; a person who typed the address reads what to do.
    if (!isRead(request) || !/\btext\/html\b/i.test(request.headers.accept ?? "")) next();
    else {
      count(request, "other", response);
      show(request, response, 404, { kind: "result", result: "no_link" });
    }
  });
  router.all("/pair/done", (request, response, next) => {
    const query = new URLSearchParams(queryOf(request));
    const result = single(query, "result");
    const level = LEVELS.find((known) => known === single(query, "level"));
    if (!isRead(request) || result === undefined || !RESULTS.has(result)) next();
    else show(request, response, 200, { kind: "result", result: result as ResultName, level });
  });
  router.all(`${ASSET_PATH}:name`, (request, response, next) => {
    const script = scripts.get(request.path);
    if (!isRead(request) || !script) next();
    else sendAsset(request, response, script);
  });
  return router;
}

type Answer = (context: PageContext, request: Request, response: Response) => Promise<void>;

/** Answers an error with the result page that explains it. */
async function orResultPage(context: PageContext, answer: Answer, request: Request, response: Response): Promise<void> {
  try {
    await answer(context, request, response);
  } catch (thrown) {
    const { problem, headers, retryAfter, unexpected } = httpProblemOf(thrown);
    if (unexpected) {
      if (!context.noteFailure) throw thrown;
      context.noteFailure(thrown);
    }
    context.show(request, response, problem.status, { kind: "result", result: resultOf(thrown, problem.code), retryAfter }, headers);
  }
}

async function ask(context: PageContext, request: Request, response: Response): Promise<void> {
  context.count(request, "other", response);
  const query = new URLSearchParams(queryOf(request));
  const method = methodOf(query);
  const code = single(query, FIELD_OF[method]);
  if (code === undefined || code === "") {
    context.show(request, response, 404, { kind: "result", result: "invite_not_found", missing: true });
    return;
  }
  if (code.length > MAX_CODE) throw new PairingError("invite_not_found");
  // The page shows before the person answers that the computer cannot sign: an older link may be opened meanwhile.
  const problem = (await context.pairing.canPhonesAccept()) ? undefined : sayError("keys_unavailable", { reason: "cannot_finish" });
  const otp = single(query, "otp")?.slice(0, MAX_OTP);
  await showQuestion(context, request, response, 200, { code, method, ...present({ otp, problem }) });
}

/** Shows the question of an invite that can be answered; otherwise rejects with the reason. */
async function showQuestion(context: PageContext, request: Request, response: Response, status: number, question: Question): Promise<void> {
  const { pairing, computerName, languageOf } = context;
  const words = context.words[languageOf(request)];
  const { code, method, otp = "", deviceName, problem } = question;
  const session = await pairing.findInvite(code);
  if (session.method !== method) throw new PairingError("invite_not_found");
  const now = pairing.now();
  const { status: inviteStatus } = session;
  if (inviteStatus !== "pending") throw new PairingError(inviteStatus === "accepted" ? "invite_already_used" : `invite_${inviteStatus}`);
  const guess = describePhone(request.headers["user-agent"]);
  context.show(request, response, status, {
    kind: "ask",
    code,
    method,
    ...present({ otp: session.otp ? otp : undefined, problem }),
    requestId: randomText(),
    deviceId: `web-${randomText()}`,
    deviceName: deviceName ?? guess.name,
    deviceType: guess.type,
    osVersion: guess.osVersion,
    userName: cleanName(session.userName) || cleanName(session.userId) || words.pairPage.noUser,
    computerName,
    level: levelOf(session),
    secondsLeft: Math.max(1, Math.floor((session.expiresAt - now) / SECOND)),
    expiresAt: isoSeconds(session.expiresAt),
    mustConfirm: session.mustConfirm === true,
    needsDigits: pairing.needsDigits(session),
  });
}

async function settle(context: PageContext, request: Request, response: Response): Promise<void> {
  if (!context.isSameOrigin(request)) throw new HttpError("cross_site");
  if (!isForm(request)) throw new HttpError("unsupported_media_type");
  const form = new URLSearchParams((await readBytes(request)).toString("utf8"));
  const method = methodOf(form);
  const action = field(form, "action", 10);
  context.count(request, action === "check" ? "other" : method === "qr" ? "pair" : "accept", response);
  const code = field(form, FIELD_OF[method], MAX_CODE);
  if (code === "" || !ACTIONS.has(action))
    throw new FieldErrors([{ field: code === "" ? FIELD_OF[method] : "action", message: requestFields.missing }]);
  if (action !== "decline") {
    await (action === "accept" ? accept : check)(context, request, response, { code, method, form });
    return;
  }
  await context.pairing.declineInvite(code, context.callerOf(request));
  redirect(request, response, resultAddress("declined"), context.headers(request));
}

type Accepted = Pick<Question, "code" | "method"> & { readonly form: URLSearchParams };

async function accept(context: PageContext, request: Request, response: Response, { code, method, form }: Accepted): Promise<void> {
  const guess = describePhone(request.headers["user-agent"]);
  const deviceId = field(form, "device_id", MAX_CODE);
  const idempotencyKey = field(form, "request_id", MAX_CODE) || undefined;
  const deviceName = cleanName(field(form, "device_name", MAX_NAME)) || guess.name;
  const otp = field(form, "otp_code", MAX_OTP);
  const phone = {
    deviceId: DEVICE_ID.test(deviceId) ? deviceId : `web-${randomText()}`,
    deviceName,
    deviceType: guess.type,
    osVersion: guess.osVersion,
    appVersion: "web",
    language: context.languageOf(request),
  };
  const invite = { code, method, ...present({ otp: otp || undefined, idempotencyKey }) };
  await orQuestion(context, request, response, { code, method, deviceName, otp }, async () =>
    context.pairing.acceptInvite({ ...invite, ...phone }, context.callerOf(request)),
  );
}

/** Whether the digits were typed. */
async function check(context: PageContext, request: Request, response: Response, { code, method, form }: Accepted): Promise<void> {
  const claim = { claimId: field(form, "claim_id", MAX_CODE), secret: field(form, "claim_secret", MAX_CODE) };
  await orQuestion(context, request, response, { code, method }, async () => context.pairing.readClaim(claim));
}

/** Shows what came of accepting, or the question again where the person can answer it again. */
async function orQuestion(
  context: PageContext,
  request: Request,
  response: Response,
  question: Question,
  answer: () => Promise<Paired | Claimed>,
): Promise<void> {
  let result: Paired | Claimed;
  try {
    result = await answer();
  } catch (thrown) {
    if (!(thrown instanceof PairingError) || !CAN_RETRY.has(thrown.code)) throw thrown;
    // A page without scripts can only show the problem in the page itself. A wrong password is not filled in again.
    const { code, method, deviceName } = question;
    const otp = thrown.code === "keys_unavailable" ? question.otp : undefined;
    const again = { code, method, ...present({ deviceName, otp }), problem: sayError(thrown.code, thrown.params) };
    await showQuestion(context, request, response, httpProblemOf(thrown).problem.status, again);
    return;
  }
  if (result.kind === "claimed") {
    const { claimId, secret: claimSecret, digits } = result;
    const { code, method } = question;
    const { computerName } = context;
    context.show(request, response, 200, { kind: "claim", code, method, claimId, claimSecret, digits, computerName });
    return;
  }
  redirect(request, response, result.confirmed ? resultAddress("paired", result.level) : resultAddress("unconfirmed"), {
    ...context.headers(request),
    "Set-Cookie": context.deviceCookies(result.token, result.expiresAt),
  });
}

function methodOf(parameters: URLSearchParams): Question["method"] {
  return parameters.has("token") ? "qr" : "sms";
}

/** 192 random bits. */
function randomText(): string {
  return randomBytes(24).toString("base64url");
}

function queryOf({ url }: Request): string {
  const mark = url.indexOf("?");
  return mark === -1 ? "" : url.slice(mark + 1);
}

/** A parameter that was sent exactly once. */
function single(parameters: URLSearchParams, name: string): string | undefined {
  const all = parameters.getAll(name);
  return all.length === 1 ? all[0] : undefined;
}

/** A form's field, "" when it is absent. Throws when it is too long, sent twice or contains invisible characters. */
function field(form: URLSearchParams, name: string, longest: number): string {
  const text = form.has(name) ? single(form, name) : "";
  if (text === undefined || text.length > longest || (name !== "device_name" && !isPlainText(text))) {
    throw new FieldErrors([{ field: name, message: requestFields.notValid }]);
  }
  return text;
}
