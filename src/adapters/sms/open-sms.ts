import { present } from "../../base/present.ts";
import { createSerialQueue, type SerialQueue } from "../../base/serial-queue.ts";
import type { SettingsFile } from "../../base/settings-file.ts";
import {
  type FieldFault,
  type Log,
  PairingError,
  type SecretStore,
  type SmsSender,
  type SmsSettings,
  type SmsSettingsChange,
  type SmsSetup,
} from "../../core/index.ts";
import { say } from "../../words/say.ts";
import { SMS_PROVIDERS } from "./providers/index.ts";
import { type SmsEnvironment, unusedSentence } from "./providers/provider.ts";
import { agreedName, NOTHING_SAVED, type SavedSms, SMS_FIELDS, SMS_SECRETS } from "./saved-settings.ts";
import {
  halfSet,
  incompleteParams,
  linesOf,
  probe,
  problemOf,
  type Secrets,
  type SmsGround,
  type SmsState,
  stateOf,
  viewOf,
  warningsOf,
} from "./sms-state.ts";

export interface SmsDeps {
  readonly environment: SmsEnvironment;
  /** A person's own computer: its AWS credentials are there for something else, so they are asked for once. */
  readonly askBeforeAws: boolean;
  /** What the settings page saved. */
  readonly file: SettingsFile<SavedSms>;
  readonly secrets: SecretStore;
  readonly print: (block: string) => void;
  readonly log: Log;
}

export interface SmsAdapter {
  /** The provider that is set up at the moment. */
  readonly sender: SmsSender;
  readonly setup: SmsSetup;
  /** What the start prints about it, as far as it is known by then. */
  readonly lines: readonly string[];
  /** A sentence for each provider that was begun and is not used. */
  readonly unfinished: readonly string[];
  /** Reads the saved secrets, so that the first message need not wait for them. Rejects when they cannot be read. */
  warmUp(): Promise<void>;
  /** Takes over what another server saved. Rejects when it cannot be read; what was known stays in use then. */
  refresh(): Promise<void>;
}

/** No text message can be sent as the environment asks. The message says what to change. */
class SmsProviderError extends Error {
  override readonly name = "SmsProviderError";
}

interface OpenSms {
  readonly deps: SmsDeps;
  readonly ground: SmsGround;
  /** Two saves at once would each undo a part of the other. */
  readonly queue: SerialQueue;
  state: SmsState;
}

/** Who sends text messages, by environment and settings page, and the page's way to change it. Rejects when the start must not go on. */
export async function openSms(deps: SmsDeps): Promise<SmsAdapter> {
  const { environment } = deps;
  const ground: SmsGround = { ...deps, atHand: await probe(environment) };
  const saved = deps.file.read() ?? NOTHING_SAVED;
  const state = stateOf(ground, saved, saved.secrets.length > 0 ? undefined : {});
  const { id, label, missing } = state.choice;
  if (environment.wanted === id && missing.length > 0) {
    throw new SmsProviderError(say("sms.startIncomplete", { id, provider: label, missing: missing.join("; ") }));
  }
  const sms: OpenSms = { deps, ground, queue: createSerialQueue(), state };
  return {
    get lines() {
      return linesOf(sms.state);
    },
    get unfinished() {
      return halfSet(sms.state).map(({ provider, missing }) => unusedSentence(provider.label, missing));
    },
    sender: senderOf(sms),
    setup: {
      read: () => view(sms),
      save: async (change) => sms.queue.run(async () => save(sms, change)),
      async tryConnection() {
        const sender = await readySender(sms);
        if ("tryConnection" in sender) return sender.tryConnection();
        return {
          ok: false,
          provider: sender.name,
          sentence: problemOf(sms.state.choice) ?? say("sms.mockTried"),
        };
      },
    },
    async warmUp() {
      await readyState(sms);
    },
    refresh: async () => sms.queue.run(async () => readAgain(sms)),
  };
}

/** Nothing is set up anew where nothing changed: a provider that is paused stays so. */
async function readAgain(sms: OpenSms): Promise<void> {
  const { deps, ground, state } = sms;
  const saved = deps.file.read() ?? NOTHING_SAVED;
  const secrets = await readSecrets(deps.secrets, saved);
  if (JSON.stringify([saved, secrets]) !== JSON.stringify([state.saved, state.secrets])) sms.state = stateOf(ground, saved, secrets);
}

function senderOf(sms: OpenSms): SmsSender {
  return {
    get name() {
      return sms.state.sender.name;
    },
    get mayReportUnknown() {
      return sms.state.sender.mayReportUnknown;
    },
    get reportPath() {
      return sms.state.sender.reportPath;
    },
    price: (country) => sms.state.choice.setUp?.provider.price(country),
    async send(message) {
      const sender = await readySender(sms);
      const before = warningsOf(sender);
      try {
        return await sender.send(message);
      } finally {
        // Once, and not for each message.
        for (const warning of warningsOf(sender)) if (!before.includes(warning)) sms.deps.log.warn(warning, { provider: sender.name });
      }
    },
    readReport: async (report) => (await readySender(sms)).readReport(report),
    pausedUntil: () => sms.state.sender.pausedUntil(),
  };
}

async function readyState(sms: OpenSms): Promise<SmsState> {
  const { deps, ground, queue } = sms;
  if (!sms.state.secrets)
    await queue.run(async () => {
      const { saved, secrets } = sms.state;
      if (!secrets) sms.state = stateOf(ground, saved, await readSecrets(deps.secrets, saved));
    });
  return sms.state;
}

/** The provider in use, once it has its secrets. */
async function readySender(sms: OpenSms): Promise<SmsState["sender"]> {
  try {
    return (await readyState(sms)).sender;
  } catch (cause) {
    throw new PairingError("secrets_unavailable", {
      params: cause instanceof Error ? { reason: "sms", why: cause.message } : { reason: "sms_unreadable" },
      cause,
    });
  }
}

function view({ ground, state, deps }: OpenSms): SmsSettings {
  return viewOf(ground, state, deps.secrets.kind);
}

async function save(sms: OpenSms, change: SmsSettingsChange): Promise<SmsSettings> {
  const { deps, ground, state } = sms;
  checkChange(change);
  refuseLocked(ground, change);
  const next = stateOf(ground, changed(state.saved, change), state.secrets && changedSecrets(state.secrets, change));
  if (change.provider !== undefined && next.choice.missing.length > 0) {
    throw new PairingError("sms_settings_incomplete", { params: incompleteParams(next.choice) });
  }
  await saveSecrets(deps.secrets, change);
  const saved = await deps.file.update((latest) => changed(latest ?? NOTHING_SAVED, change));
  sms.state = stateOf(ground, saved, next.secrets);
  deps.log.info("text message provider set", { provider: next.choice.id });
  return view(sms);
}

/** Throws `invalid_request` with what is wrong with which field. */
function checkChange({ provider, fields, agreed }: SmsSettingsChange): void {
  const faults: FieldFault[] = [];
  const complain = (field: string, message: string): void => void faults.push({ field: field.slice(0, 64), message });
  const ids = SMS_PROVIDERS.map(({ id }) => id);
  if (provider !== undefined && !["auto", ...ids, "mock"].includes(provider)) {
    complain("provider", say("sms.oneOf", { choices: ["auto", ...ids, "mock"].join(", ") }));
  }
  for (const [name, text] of Object.entries(fields)) {
    const known = SMS_FIELDS.get(name);
    if (!known) complain(name, say("sms.unknownField"));
    else if (text !== "" && !known.field.pattern.test(text)) complain(name, known.field.rule());
  }
  for (const id of Object.keys(agreed)) if (!ids.includes(id)) complain(`${id}_agreed`, say("sms.unknownField"));
  if (faults.length > 0) throw new PairingError("invalid_request", { fields: faults });
}

/** A field that the environment says cannot be changed from the page: it would seem changed, and not be. */
function refuseLocked({ environment, atHand }: SmsGround, { provider, fields }: SmsSettingsChange): void {
  const isLocked = Object.keys(fields).some((name) => {
    const known = SMS_FIELDS.get(name);
    return known !== undefined && atHand.get(known.provider)?.given[known.field.name] !== undefined;
  });
  if (isLocked || (provider !== undefined && environment.wanted !== undefined)) throw new PairingError("setting_locked");
}

function changed(saved: SavedSms, { provider, fields, agreed }: SmsSettingsChange): SavedSms {
  const texts = Object.entries(fields).flatMap(([name, text]) => {
    const field = SMS_FIELDS.get(name)?.field;
    return !field || field.secret !== undefined ? [] : [[field.savedAs ?? name, text] as const];
  });
  const given = secretsIn({ fields });
  const secrets = new Set([...saved.secrets, ...given.keys()]);
  for (const [secret, text] of given) if (text === "") secrets.delete(secret);
  const next = {
    ...saved,
    ...Object.fromEntries(texts),
    ...present({ provider }),
    ...Object.fromEntries(SMS_PROVIDERS.flatMap((one) => (agreed[one.id] === undefined ? [] : [[agreedName(one), agreed[one.id]]]))),
    secrets: [...secrets],
  };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== "")) as SavedSms;
}

/** By the names under which they are stored. */
function secretsIn({ fields }: Pick<SmsSettingsChange, "fields">): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(fields).flatMap(([name, text]) => {
      const secret = SMS_FIELDS.get(name)?.field.secret;
      return secret === undefined ? [] : [[secret, text] as const];
    }),
  );
}

function changedSecrets(secrets: Secrets, change: SmsSettingsChange): Secrets {
  return Object.fromEntries(Object.entries({ ...secrets, ...Object.fromEntries(secretsIn(change)) }).filter(([, text]) => text !== ""));
}

async function readSecrets(store: SecretStore, saved: SavedSms): Promise<Secrets> {
  // One that another version saved is left where it is.
  const known = saved.secrets.filter((name) => SMS_SECRETS.includes(name));
  const read = await Promise.all(known.map(async (name) => [name, await store.get(name)] as const));
  return Object.fromEntries(read.flatMap(([name, secret]) => (secret === undefined ? [] : [[name, secret]])));
}

async function saveSecrets(store: SecretStore, change: SmsSettingsChange): Promise<void> {
  try {
    for (const [name, text] of secretsIn(change)) {
      if (text === "") await store.remove(name);
      else await store.set(name, text);
    }
  } catch (cause) {
    throw new PairingError("secrets_unavailable", { note: cause instanceof Error ? cause.name : "not an error", cause });
  }
}
