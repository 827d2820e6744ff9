import * as z from "zod";
import type { Log, SecretFailure } from "../../core/index.ts";
import { SecretsUnavailable } from "./secrets-unavailable.ts";

export type KeychainQuestion =
  | { readonly ask: "get" | "delete"; readonly account: string }
  | { readonly ask: "set"; readonly account: string; readonly text: string }
  | { readonly ask: "backend" };

/** What the process says first: it listens. How long that takes is the computer's business and not the keychain's. */
export const LISTENS = "listens";
const Answer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: z.string().nullable(), took: z.number() }),
  z.object({ ok: z.literal(false), message: z.string(), noLibrary: z.boolean(), took: z.number() }),
]);
export type KeychainAnswer = z.output<typeof Answer>;

/** A process that runs `keychain-worker`. It may hang, and be ended, without harm to this one. */
export interface KeychainProcess {
  send(question: KeychainQuestion): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Also when it could not be started. */
  onExit(listener: () => void): void;
  end(): void;
}

/** What one errand asks of the keychain. Each rejects with {@link SecretsUnavailable}, at the latest at its deadline. */
export interface KeychainCalls {
  /** `null`: nothing there, or locked. The keychain does not say which. */
  get(account: string): Promise<string | null>;
  set(account: string, text: string): Promise<void>;
  delete(account: string): Promise<void>;
  /** The program behind the keychain, where that can be known. */
  backend(): Promise<string | null>;
}

export interface KeychainErrands {
  /** Does one errand in a process of its own. */
  run<T>(errand: (calls: KeychainCalls) => Promise<T>): Promise<T>;
  /** Whether a call has missed its deadline and still waits, for a person most likely. */
  hangs(): boolean;
  /** Whether a person was asked at the last call that failed: asking again would open the same window again. */
  wasAskedOfPerson(): boolean;
  /** Ends what hangs. */
  end(): void;
}

const DEADLINE = 3000;
/** For its process to start, on a computer that has much else to do. */
const START_WITHIN = 20_000;
/** Nothing but a person takes this long. */
const PERSON = 1500;

/** Errands to the keychain. `settled` is called when what hung has come to an end, with whether it went well. */
export function createKeychainErrands(start: () => KeychainProcess, log: Log, settled: (well: boolean) => void): KeychainErrands {
  let hanging: KeychainProcess | undefined;
  let byPerson = false;
  let logged = "";

  const waitFor = (process: KeychainProcess, question: KeychainQuestion, answered: Promise<KeychainAnswer | undefined>): void => {
    hanging = process;
    byPerson = true;
    void answered.then((late) => {
      if (hanging !== process) return;
      hanging = undefined;
      process.end();
      settled(late?.ok === true && (question.ask === "set" || late.value !== null));
    });
  };
  const ask = async (process: KeychainProcess, asker: Asker, question: KeychainQuestion): Promise<string | null> => {
    await within(asker.listening, START_WITHIN);
    const answered = asker.ask(question);
    const answer = await within(answered, DEADLINE);
    if (answer === "late") {
      waitFor(process, question, answered);
      throw new SecretsUnavailable("waiting");
    }
    byPerson = answer !== undefined && answer.took > PERSON;
    if (answer?.ok) return answer.value;
    const words = answer?.message ?? "its process ended without an answer";
    const failure = answer?.noLibrary ? "no_library" : failureIn(words);
    if (words !== logged) log.warn("the keychain refused", { failure, reason: words });
    logged = words;
    throw new SecretsUnavailable(failure, { cause: new Error(words) });
  };
  return {
    async run(errand) {
      const process = start();
      const asker = createAsker(process);
      try {
        return await errand(callsOf(async (question) => ask(process, asker, question)));
      } finally {
        if (hanging !== process) process.end();
      }
    },
    hangs: () => hanging !== undefined,
    wasAskedOfPerson: () => byPerson,
    end() {
      const process = hanging;
      hanging = undefined;
      process?.end();
    },
  };
}

interface Asker {
  /** Resolves when the process listens, or has ended. */
  readonly listening: Promise<void>;
  /** One question at a time. `undefined`: the process ended, or its answer cannot be read. */
  ask(question: KeychainQuestion): Promise<KeychainAnswer | undefined>;
}

function createAsker(process: KeychainProcess): Asker {
  let settle: ((answer: KeychainAnswer | undefined) => void) | undefined;
  let gone = false;
  const listening = new Promise<void>((listens) => {
    process.onMessage((message) => {
      if (message === LISTENS) listens();
      else settle?.(Answer.safeParse(message).data);
    });
    process.onExit(() => {
      gone = true;
      listens();
      settle?.(undefined);
    });
  });
  return {
    listening,
    ask: (question) =>
      new Promise((resolve) => {
        settle = resolve;
        if (gone) resolve(undefined);
        else process.send(question);
      }),
  };
}

function callsOf(ask: (question: KeychainQuestion) => Promise<string | null>): KeychainCalls {
  return {
    get: async (account) => ask({ ask: "get", account }),
    async set(account, text) {
      await ask({ ask: "set", account, text });
    },
    async delete(account) {
      await ask({ ask: "delete", account });
    },
    backend: async () => ask({ ask: "backend" }),
  };
}

/** The keychain has no error codes, only words: those of libsecret, GDBus and GNOME Keyring. */
function failureIn(words: string): SecretFailure {
  const known: readonly (readonly [RegExp, SecretFailure])[] = [
    [/locked collection|collection\/login|prompt was dismissed|is locked/i, "locked"],
    [/org\.freedesktop\.secrets|was not provided by any \.service files|NameHasNoOwner|ServiceUnknown|exited with status/i, "no_service"],
    [/autolaunch|D-?Bus|could not connect|connection (refused|is closed)|connection reset/i, "no_bus"],
  ];
  return known.find(([pattern]) => pattern.test(words))?.[1] ?? "failed";
}

function within<T>(work: Promise<T>, milliseconds: number): Promise<T | "late"> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve("late"), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
