import { expect } from "vitest";
import type { LoadNgrok, NgrokSession, NgrokSessionBuilder } from "../../src/adapters/tunnel/load-ngrok.ts";

/** What @ngrok/ngrok does with one session. `TOKEN` in words of its stands for the authtoken, which ngrok repeats. */
export type Play =
  | { readonly name: "online"; readonly url?: string | null }
  /** As it answers where the session, or its listener, is refused. */
  | { readonly name: "refused" | "listener-refused"; readonly words: string }
  | { readonly name: "silent" }
  /** Its end is never answered. */
  | { readonly name: "stubborn" };

export interface NgrokRun {
  readonly authtoken: string;
  target?: string;
  readonly closed: string[];
  /** The connection is lost: ngrok asks whether it is to go on, and ends where it is not. */
  lose(error: string): void;
  /** What it forwarded ends without a word. */
  finish(): void;
  /** A silent one is online after all. */
  speak(): void;
}

export interface FakeNgrok {
  readonly load: LoadNgrok;
  readonly runs: readonly NgrokRun[];
  readonly run: (number: number) => Promise<NgrokRun>;
}

export const NGROK_ADDRESS = "https://calm-river.ngrok-free.app";

/** ngrok's words of an error, as its package gives them. */
export const ngrokSays = (words: string, code: number): string =>
  `failed to connect session: authentication failed: ${words}\r\n\r\nERR_NGROK_${code}\r\n, error_code: ERR_NGROK_${code}`;

/** A package of @ngrok/ngrok 1.7's shape, whose sessions play these one after the other; the last one stays. */
export function fakeNgrok(...plays: Play[]): FakeNgrok {
  const runs: NgrokRun[] = [];

  class SessionBuilder implements NgrokSessionBuilder {
    #authtoken = "";
    #disconnected: ((address: string, error: string) => boolean) | undefined;
    authtoken(authtoken: string): this {
      this.#authtoken = authtoken;
      return this;
    }
    handleDisconnection(handler: (address: string, error: string) => boolean): this {
      this.#disconnected = handler;
      return this;
    }
    async connect(): Promise<NgrokSession> {
      const play = plays[Math.min(runs.length, plays.length - 1)] ?? { name: "online" };
      const fault = (words: string): Error =>
        Object.assign(new Error(words.replaceAll("TOKEN", this.#authtoken)), { code: "GenericFailure" });
      let ended: { resolve: () => void; reject: (cause: Error) => void } | undefined;
      let speak = (): void => undefined;
      const run: NgrokRun = {
        authtoken: this.#authtoken,
        closed: [],
        lose: (error) => {
          if (this.#disconnected?.("connect.ngrok-agent.com:443", error) === false) ended?.reject(fault(`error on join: ${error}`));
        },
        finish: () => ended?.resolve(),
        speak: () => speak(),
      };
      runs.push(run);
      if (play.name === "refused") throw fault(play.words);
      if (play.name === "silent")
        await new Promise<void>((resolve) => {
          speak = resolve;
        });
      const close = async (what: string): Promise<void> => {
        run.closed.push(what);
        if (play.name === "stubborn") await new Promise(() => undefined);
      };
      return {
        httpEndpoint: () => ({
          async listenAndForward(target) {
            if (play.name === "listener-refused") throw fault(play.words);
            run.target = target;
            const url = play.name === "online" && play.url !== undefined ? play.url : NGROK_ADDRESS;
            return {
              url: () => url,
              join: () => new Promise((resolve, reject) => (ended = { resolve, reject })),
              close: () => close("listener"),
            };
          },
        }),
        close: () => close("session"),
      };
    }
  }

  return {
    load: async () => ({ ngrok: { SessionBuilder } }),
    runs,
    async run(number) {
      await expect.poll(() => runs.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(number);
      return runs[number - 1]!;
    },
  };
}
