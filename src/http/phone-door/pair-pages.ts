import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Request, type Response, Router } from "express";
import type { LimitBucket } from "../../contract/operations.ts";
import {
  type Caller,
  cleanName,
  type Instant,
  isoSeconds,
  isPlainText,
  type Paired,
  type Pairing,
  PairingError,
  SECOND,
} from "../../core/index.ts";
import { FieldErrors, HttpError, problemOf } from "../../operations/problem.ts";
import { type PairPage, type ResultName, renderPage } from "../../phone/pair/page.ts";
import { errors } from "../../words/en/errors.ts";
import { pairPage } from "../../words/en/phone/pair-page.ts";
import { isForm, readBytes } from "../read-request.ts";
import { ASSET_PATH, type PairAssets } from "./assets.ts";
import { describePhone } from "./describe-phone.ts";
import { type PageHeaders, pagePolicy, sendAsset, sendOn, sendPage } from "./send-page.ts";

interface Asked {
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
  readonly assets: PairAssets;
  readonly callerOf: (request: IncomingMessage) => Caller;
  /** Throws `rate_limited` when the caller asks too often. */
  readonly count: (request: IncomingMessage, bucket: LimitBucket, response: ServerResponse) => void;
  /** `Set-Cookie` values that hand the token to the phone's browser. */
  readonly deviceCookies: (token: string, expiresAt: Instant) => readonly string[];
  /** Whether the request comes from this door's own page. */
  readonly isSameOrigin: (request: IncomingMessage) => boolean;
  /** For the log: what nobody expected. Without it such a failure is handed to Express. */
  readonly noteFailure?: (thrown: unknown) => void;
}

/** What a page's own script, or this page, made up; anything else is replaced. */
const DEVICE_ID = /^web-[\w-]{16,80}$/;
const MAX_CODE = 256;
const MAX_NAME = 80;
const MAX_OTP = 20;
/** What the address and the form call the code, by the way it came. */
const FIELD_OF = { sms: "code", qr: "token" } as const;
/** Refusals after which the same page can be answered once more. */
const ASKED_AGAIN: ReadonlySet<string> = new Set(["otp_required", "otp_invalid", "keys_unavailable"]);
const RESULTS: ReadonlySet<string> = new Set<ResultName>(["paired", "declined"]);

/** The refusals that have words of their own; the others share two pages. */
const RESULT_OF: Readonly<Record<string, ResultName>> = {
  invite_already_used: "invite_already_used",
  invite_expired: "invite_expired",
  invite_cancelled: "invite_cancelled",
  invite_not_found: "invite_not_found",
  not_found: "invite_not_found",
  rate_limited: "rate_limited",
  storage_unavailable: "storage_unavailable",
  cross_site: "cross_site",
  internal_error: "internal_error",
};

/** The pairing page: GET shows, and changes nothing however often and by whomever it is asked; POST is the person's answer. */
export function pairPages(deps: PairPageDeps): Router {
  const { assets, pairing } = deps;
  const parts = { script: assets.script.path, style: assets.style };
  const policy = pagePolicy(assets.styleSource);
  const router = Router({ strict: true, caseSensitive: true });

  const show = (request: Request, response: Response, status: number, page: PairPage, headers: PageHeaders = {}): void => {
    sendPage(request, response, status, renderPage(page, parts), { ...always(), ...headers });
  };
  const always = (): PageHeaders => ({
    ...policy,
    ...(pairing.settings.baseUrl().startsWith("https:") ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  });

  const ask = async (request: Request, response: Response): Promise<void> => {
    deps.count(request, "other", response);
    const query = new URLSearchParams(queryOf(request));
    const method = query.has("token") ? "qr" : "sms";
    const code = onlyOne(query, FIELD_OF[method]);
    if (code === undefined || code === "") {
      show(request, response, 404, { kind: "result", result: "invite_not_found", missing: true });
      return;
    }
    if (code.length > MAX_CODE) throw new PairingError("invite_not_found");
    const otp = onlyOne(query, "otp");
    await showQuestion(request, response, 200, {
      code,
      method,
      ...(otp === undefined ? {} : { otp: otp.slice(0, MAX_OTP) }),
      // Said before the tap as well: an older link is opened while the computer cannot sign.
      ...((await pairing.canPhonesAccept()) ? {} : { problem: errors.keys_unavailable.cannot_finish }),
    });
  };

  /** Shows the question of an invite that can be answered; otherwise rejects with why not. */
  const showQuestion = async (request: Request, response: Response, status: number, asked: Asked): Promise<void> => {
    const { code, method, otp, deviceName, problem } = asked;
    const session = await pairing.findInvite(code);
    if (session.method !== method) throw new PairingError("invite_not_found");
    const now = pairing.now();
    const { status: inviteStatus } = session;
    if (inviteStatus !== "pending") throw new PairingError(inviteStatus === "accepted" ? "invite_already_used" : `invite_${inviteStatus}`);
    const guess = describePhone(request.headers["user-agent"]);
    show(request, response, status, {
      kind: "ask",
      code,
      method,
      ...(session.otp ? { otp: otp ?? "" } : {}),
      ...(problem === undefined ? {} : { problem }),
      requestId: randomText(),
      deviceId: `web-${randomText()}`,
      deviceName: deviceName ?? guess.name,
      deviceType: guess.type,
      osVersion: guess.osVersion,
      userName: cleanName(session.userName) || cleanName(session.userId) || pairPage.noUser,
      computerName: deps.computerName,
      secondsLeft: Math.max(1, Math.floor((session.expiresAt - now) / SECOND)),
      expiresAt: isoSeconds(session.expiresAt),
    });
  };

  const settle = async (request: Request, response: Response): Promise<void> => {
    if (!deps.isSameOrigin(request)) throw new HttpError("cross_site");
    if (!isForm(request)) throw new HttpError("unsupported_media_type");
    const form = new URLSearchParams((await readBytes(request)).toString("utf8"));
    const method = form.has("token") ? "qr" : "sms";
    deps.count(request, method === "qr" ? "pair" : "accept", response);
    const code = field(form, FIELD_OF[method], MAX_CODE);
    const action = field(form, "action", 10);
    if (code === "" || (action !== "accept" && action !== "decline"))
      throw new FieldErrors([{ field: code === "" ? FIELD_OF[method] : "action", message: "is missing" }]);
    const caller = deps.callerOf(request);
    if (action === "decline") {
      await pairing.declineInvite(code, caller);
      sendOn(request, response, "/pair/done?result=declined", always());
      return;
    }
    const guess = describePhone(request.headers["user-agent"]);
    const deviceId = field(form, "device_id", MAX_CODE);
    const idempotencyKey = field(form, "request_id", MAX_CODE);
    const deviceName = cleanName(field(form, "device_name", MAX_NAME)) || guess.name;
    const otp = field(form, "otp_code", MAX_OTP);
    const pairingByForm = pairing.acceptInvite(
      {
        code,
        method,
        ...(otp === "" ? {} : { otp }),
        deviceId: DEVICE_ID.test(deviceId) ? deviceId : `web-${randomText()}`,
        deviceName,
        deviceType: guess.type,
        osVersion: guess.osVersion,
        appVersion: "web",
        ...(idempotencyKey === "" ? {} : { idempotencyKey }),
      },
      caller,
    );
    let paired: Paired;
    try {
      paired = await pairingByForm;
    } catch (thrown) {
      if (!(thrown instanceof PairingError) || !ASKED_AGAIN.has(thrown.code)) throw thrown;
      // A page without scripts has nowhere else to say it. The last wrong try is answered by the page of a cancelled invite.
      await showQuestion(request, response, problemOf(thrown).problem.status, {
        code,
        method,
        deviceName,
        // A wrong one is not offered again.
        ...(thrown.code === "keys_unavailable" ? { otp } : {}),
        problem: thrown.message,
      });
      return;
    }
    sendOn(request, response, "/pair/done?result=paired", {
      ...always(),
      "Set-Cookie": deps.deviceCookies(paired.token, paired.expiresAt),
    });
  };

  const orRefuse =
    (answer: (request: Request, response: Response) => Promise<void>) =>
    async (request: Request, response: Response): Promise<void> => {
      try {
        await answer(request, response);
      } catch (thrown) {
        const { problem, headers, retryAfter, unexpected } = problemOf(thrown);
        if (unexpected) {
          if (!deps.noteFailure) throw thrown;
          deps.noteFailure(thrown);
        }
        show(
          request,
          response,
          problem.status,
          { kind: "result", result: RESULT_OF[problem.code] ?? "invalid_request", retryAfter },
          headers,
        );
      }
    };
  const asking = orRefuse(ask);
  const settling = orRefuse(settle);

  router.all("/pair", async (request, response, next) => {
    if (request.method === "GET" || request.method === "HEAD") await asking(request, response);
    else if (request.method === "POST") await settling(request, response);
    else next();
  });
  router.all("/", (request, response, next) => {
    // There is nothing here for programs; a person who typed the address finds the way.
    if (!isGet(request) || !/\btext\/html\b/i.test(request.headers.accept ?? "")) next();
    else {
      deps.count(request, "other", response);
      show(request, response, 404, { kind: "result", result: "no_link" });
    }
  });
  router.all("/pair/done", (request, response, next) => {
    const result = onlyOne(new URLSearchParams(queryOf(request)), "result");
    if (!isGet(request) || result === undefined || !RESULTS.has(result)) next();
    else show(request, response, 200, { kind: "result", result: result as ResultName });
  });
  router.all(`${ASSET_PATH}:name`, (request, response, next) => {
    if (!isGet(request) || request.path !== assets.script.path) next();
    else sendAsset(request, response, assets.script);
  });
  return router;
}

function isGet({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** 192 random bits. */
function randomText(): string {
  return randomBytes(24).toString("base64url");
}

function queryOf({ url }: Request): string {
  const mark = url.indexOf("?");
  return mark === -1 ? "" : url.slice(mark + 1);
}

/** A parameter that was sent once. Sent twice, nobody can tell which is meant. */
function onlyOne(parameters: URLSearchParams, name: string): string | undefined {
  const all = parameters.getAll(name);
  return all.length === 1 ? all[0] : undefined;
}

/** A form's field, "" when it is not there. Throws when it is longer than may be, sent twice, or holds what cannot be seen. */
function field(form: URLSearchParams, name: string, longest: number): string {
  const text = form.has(name) ? onlyOne(form, name) : "";
  if (text === undefined || text.length > longest || (name !== "device_name" && !isPlainText(text))) {
    throw new FieldErrors([{ field: name, message: "is not valid" }]);
  }
  return text;
}
