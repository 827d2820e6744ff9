import { plainText } from "./plain-text.ts";

/** What is used of the package @ngrok/ngrok (1.x). Nothing here depends on it: who wants it installs it. */
export interface NgrokPackage {
  readonly SessionBuilder: new () => NgrokSessionBuilder;
}

export interface NgrokSessionBuilder {
  authtoken(authtoken: string): unknown;
  /** Asked when the session is lost: `false` ends it, and what it forwarded with it. */
  handleDisconnection(handler: (address: string, error: string) => boolean): unknown;
  /** Rejects with a message that ends in `error_code: ERR_NGROK_…` where ngrok refuses. */
  connect(): Promise<NgrokSession>;
}

export interface NgrokSession {
  httpEndpoint(): { listenAndForward(target: string): Promise<NgrokListener> };
  close(): Promise<void>;
}

export interface NgrokListener {
  url(): string | null;
  /** Settles when nothing is forwarded any more. */
  join(): Promise<void>;
  close(): Promise<void>;
}

export type LoadedNgrok =
  | { readonly ngrok: NgrokPackage }
  | { readonly failure: "ngrok_not_installed" | "ngrok_sealed" | "ngrok_not_loadable"; readonly output?: string };

/** Resolves whatever happens: a package that is not there is an answer. */
export type LoadNgrok = () => Promise<LoadedNgrok>;

/** A name and no literal, so that no bundler looks for it. */
const NAME = "@ngrok/ngrok";
/** Nobody can install anything beside the files of a packed app. */
const SEALED = /\.asar[/\\]/.test(import.meta.url);

export const loadNgrok: LoadNgrok = async () => {
  try {
    const loaded = (await import(/* @vite-ignore */ NAME)) as Partial<NgrokPackage>;
    if (typeof loaded.SessionBuilder === "function") return { ngrok: loaded as NgrokPackage };
    return { failure: "ngrok_not_loadable" };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ERR_MODULE_NOT_FOUND") return { failure: SEALED ? "ngrok_sealed" : "ngrok_not_installed" };
    return { failure: "ngrok_not_loadable", output: plainText(message) };
  }
};
