import * as z from "zod";
import { messageOf } from "../../base/message-of.ts";
import type { TunnelFailure } from "../../core/index.ts";
import { within } from "../system/within.ts";
import type { LoadNgrok, NgrokListener, NgrokPackage, NgrokSession } from "./load-ngrok.ts";
import { plainText } from "./plain-text.ts";
import type { Prepared, Run, RunListener, RunTimeouts } from "./tunnel-supervisor.ts";

export interface NgrokDeps {
  readonly load: LoadNgrok;
  /** `undefined`: there is none. Rejects while it cannot be read. */
  readonly authtoken: () => Promise<string | undefined>;
  /** The phone door, as this computer reaches it. */
  readonly target: string;
}

/** A tunnel by ngrok, in this process: an account, and an address that the account's plan decides. */
export async function prepareNgrok({ load, authtoken: readAuthtoken, target }: NgrokDeps): Promise<Prepared> {
  const loaded = await load();
  if ("failure" in loaded) return loaded;
  let authtoken: string | undefined;
  try {
    authtoken = await readAuthtoken();
  } catch (cause) {
    return { failure: "ngrok_authtoken_unreadable", ...(cause instanceof Error ? { output: plainText(cause.message) } : {}) };
  }
  if (authtoken === undefined) return { failure: "ngrok_no_authtoken" };
  const about = { ngrok: loaded.ngrok, authtoken, target };
  return { program: "@ngrok/ngrok", run: (timeouts, listener) => runNgrok(about, timeouts, listener) };
}

interface NgrokRun {
  readonly ngrok: NgrokPackage;
  readonly authtoken: string;
  readonly target: string;
}

/** A name, and nothing after it: what links begin with. An account may have a domain of its own. */
const Address = z.url({ protocol: /^https$/ }).refine((address) => URL.canParse(address) && new URL(address).origin === address);

/** One session of ngrok with one listener, watched from its start to its end. */
function runNgrok({ ngrok, authtoken, target }: NgrokRun, timeouts: RunTimeouts, { online, ended }: RunListener): Run {
  let connecting: Promise<NgrokSession> | undefined;
  let listener: NgrokListener | undefined;
  /** Resolves when nothing of it runs; there, once that it ends is decided. */
  let closing: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    await listener?.close().catch(() => undefined);
    const session = await connecting?.catch(() => undefined);
    await session?.close().catch(() => undefined);
  };
  const end = async (failure: TunnelFailure, output?: string): Promise<void> => {
    clearTimeout(deadline);
    closing ??= (async () => {
      // What does not close in time is closed later, without a report.
      await within(timeouts.end, close(), () => undefined);
      ended(failure, output);
    })();
    await closing;
  };
  const endFor = (cause: unknown): void => {
    const { failure, output } = readFailure(cause, authtoken);
    void end(failure, output);
  };
  const deadline = setTimeout(() => void end("ngrok_no_address"), timeouts.address);

  const begin = async (): Promise<void> => {
    const builder = new ngrok.SessionBuilder();
    builder.authtoken(authtoken);
    builder.handleDisconnection((_address, error) => {
      // ngrok would reconnect without a report. The supervisor reports it and starts again.
      endFor(new Error(error));
      return false;
    });
    connecting = builder.connect();
    const session = await connecting;
    if (closing) return;
    listener = await session.httpEndpoint().listenAndForward(target);
    if (closing) return;
    const address = Address.safeParse(listener.url()?.replace(/\/$/, ""));
    if (!address.success) {
      void end("ngrok_strange_address");
      return;
    }
    clearTimeout(deadline);
    listener.join().then(() => void end("ngrok_ended"), endFor);
    online(address.data);
  };
  begin().catch(endFor);

  return {
    async stop() {
      await end("ngrok_ended");
    },
  };
}

/** ngrok's error codes → what a person can do. https://ngrok.com/docs/errors/reference */
const FAILURE_OF: Readonly<Record<string, TunnelFailure>> = {
  // Not like an authtoken, of version 1, not valid any more, not valid as it is sent, none.
  105: "ngrok_authtoken_refused",
  106: "ngrok_authtoken_refused",
  107: "ngrok_authtoken_refused",
  109: "ngrok_authtoken_refused",
  4018: "ngrok_authtoken_refused",
  // A payment failed, suspended.
  102: "ngrok_account_closed",
  103: "ngrok_account_closed",
  // Sessions at a time, endpoints of a session, the address is online elsewhere, sessions.
  108: "ngrok_account_limit",
  324: "ngrok_account_limit",
  334: "ngrok_account_limit",
  348: "ngrok_account_limit",
  120: "ngrok_too_old",
  121: "ngrok_too_old",
};
const CODE = /\bERR_NGROK_(\d+)\b/;
/** It has no codes for these, only words: "failed to connect session: failed to establish tcp connection". */
const OFFLINE =
  /failed to establish|tcp connection|tls handshake|\bdns\b|lookup|resolve|unreachable|connection (refused|reset)|timed? ?out|heartbeat/i;

/** ngrok repeats the authtoken in what it says of it. */
function readFailure(cause: unknown, authtoken: string): { readonly failure: TunnelFailure; readonly output?: string } {
  const message = messageOf(cause, "");
  const output = plainText(message.replaceAll(authtoken, "…").replace(/(authtoken:)\s*\S+/gi, "$1 …"));
  const words = output === "" ? {} : { output };
  const [, code] = CODE.exec(message) ?? [];
  if (code !== undefined) return { failure: FAILURE_OF[code] ?? "ngrok_refused", ...words };
  return { failure: OFFLINE.test(message) ? "ngrok_offline" : "ngrok_ended", ...words };
}
