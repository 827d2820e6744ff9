import type { Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import type { Delivery, SmsProviderName } from "../messages/delivery.ts";
import type { SmsPrice } from "../pairing/sms-settings.ts";
import type { TunnelState } from "../reachability/reachability.ts";
import type { PushMessage, PushOutcome, PushSubscription } from "../remote/push.ts";
import type { SecretKind } from "../secrets/status.ts";
import type { Instant } from "../time.ts";

export interface Clock {
  /** The wall clock. People and networks set it, forwards and back. */
  now(): Instant;
  /** Milliseconds from an arbitrary origin. Monotonic, independent of the wall clock. It may stop while the computer sleeps. */
  steady(): number;
  /** Resolves after this many milliseconds. For optional work: a stop does not wait for it. */
  pause(milliseconds: number): Promise<void>;
}

export interface Random {
  /** An unguessable URL-safe text made from this many random bytes (base64url, no padding). */
  token(bytes: number): string;
  /** This many decimal digits, each as likely as the others. */
  digits(count: number): string;
}

export interface Digest {
  /** SHA-256 of the text's UTF-8 bytes, base64url, 43 characters. */
  sha256(text: string): string;
  /** SHA-256 of the canonical form of JSON (RFC 8785), lower-case hex. */
  contentSha256(content: object): string;
}

/** For the server's operator. Never a code, a token, a secret or a whole phone number. */
export interface Log {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

export interface SmsSender {
  readonly name: SmsProviderName;
  /** Whether a report can still arrive for a message whose outcome is unknown. */
  readonly mayReportUnknown: boolean;
  /** The path of its reports at the public address; the message's own segment follows. */
  readonly reportPath: string;
  /** The price of a segment to a country (ISO 3166); `undefined` if unknown. */
  price(country: string | undefined): SmsPrice | undefined;
  /**
   * Resolves once the provider accepted the message. Rejects with one of the `sms_…` errors; `sms_outcome_unknown` if it may
   * have been accepted. Never retries.
   */
  send(message: SmsMessage): Promise<SmsTaken>;
  /** The delivery in a report. Rejects with `bad_signature` unless the provider signed it for one of `addresses`. */
  readReport(report: SignedReport): Promise<SmsReport | undefined>;
  /** Set while sending is paused because the provider failed repeatedly. */
  pausedUntil(): Instant | undefined;
}

export interface SmsMessage {
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** Whole seconds after which the message is useless. */
  readonly validSeconds: number;
  /** The URL for the provider's delivery reports. */
  readonly reportTo: string;
}

/** `printed`: mock mode. `more`: whether reports will follow. */
export type SmsTaken = { readonly kind: "printed" } | { readonly kind: "handed_over"; readonly more: boolean };

export interface SignedReport {
  /** The URLs that the provider may have been given for this report. */
  readonly addresses: readonly string[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The unchanged bytes. */
  readonly body: string;
}

export interface SmsReport extends Omit<Delivery, "at"> {
  /** The recipient (E.164), where the report contains it and its URL is not signed. */
  readonly to?: string;
}

/** Whether somebody sits at this computer. */
export interface Presence {
  /** Milliseconds since the last input by mouse or keyboard; `undefined` if unknown. */
  idleFor(): number | undefined;
}

/** Wakes phones through the push services of their browsers. */
export interface PushSender {
  /** The public key for subscriptions: base64url, 65 bytes. Created on first use. Rejects with `keys_unavailable`. */
  publicKey(): Promise<string>;
  /** What is invalid in a subscription: its service is not allowed, or its keys are malformed. */
  examine(subscription: PushSubscription): "service" | "keys" | undefined;
  /** Never rejects, settles within seconds, and never retries. */
  send(message: PushMessage): Promise<PushOutcome>;
}

/** Whether phones can reach the phone door at its public address. */
export interface Reach {
  /** The answer to a nonce, which only this process can give. */
  prove(nonce: string): string;
  /** Requests the proof of a fresh nonce from the address, as a phone would. */
  ask(address: string): Promise<ReachFinding>;
}

export type ReachFinding = "reached" | "no_answer" | "bad_certificate" | "tunnel_broken" | "interstitial" | "another_server";

/** A program that gives the phone door a public address while it runs. Each change of its state is a change event. */
export interface Tunnel {
  state(): TunnelState;
  /** Starts it, without the remaining wait of a retry. Does nothing while it starts or is online. Restarted if it ends by itself. */
  start(): void;
  /** Resolves once it is off and none of its processes runs. */
  stop(): Promise<void>;
}

export interface PhoneNumbers {
  /**
   * Parses any spelling, in the digits of any script. `undefined` if it is no number. Without `country` a country code is
   * required; with it, that country's international prefixes are understood.
   */
  read(typed: string, country?: string): Promise<PhoneReading | undefined>;
}

export interface PhoneReading {
  readonly e164: string;
  /** Whether its length fits its country. */
  readonly possible: boolean;
  /** Premium-rate, shared-cost, UAN, pager, voicemail or short: never texted. */
  readonly costly: boolean;
  readonly landline: boolean;
  /** ISO 3166; absent for numbers of no country, and where several countries share the calling code and the number is ambiguous. */
  readonly country?: string;
  /** All countries that the number may be in: `country`, or those that share its calling code. */
  readonly mayBeIn: readonly string[];
  /** Another number that the same text can mean, where international prefixes are ambiguous. */
  readonly otherReading?: string;
}

/** The claims of a device token. */
export interface TokenClaims {
  readonly userId: string;
  readonly deviceId: string;
  readonly fingerprint: string;
  readonly jti: string;
  /** Whole seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Why no token can be issued: the key cannot be read, or is invalid. */
export interface SigningProblem {
  readonly kind: "unreadable" | "damaged";
  /** For the person at the computer: the problem and the way out. */
  readonly sentence: string;
}

export interface Tokens {
  /** The same claims give the same token while the same key signs (RS256 is deterministic). Rejects with `keys_unavailable`. */
  issue(claims: TokenClaims): Promise<string>;
  /** Resolves if a token can be issued now; reads the key if necessary. Rejects with `keys_unavailable`. */
  ensureSigning(): Promise<void>;
  /** Why no token could be issued at the last attempt; `undefined`: it could, or there was none. Reads nothing. */
  signingProblem(): SigningProblem | undefined;
  /**
   * The claims of a token that one of our keys signed. Rejects with `token_invalid` or `token_expired`. The caller checks the
   * issue date and revocation.
   */
  verify(token: string, now: Instant): Promise<TokenClaims>;
  /**
   * Rotates the key; the previous one verifies until `verifyUntil`. Resolves once the new one is saved durably. Rejects with
   * `keys_elsewhere` if the key is not ours to replace.
   */
  rotate(verifyUntil: Instant): Promise<{ readonly kid: string }>;
  /** RFC 7517: public members only. */
  publicKeys(now: Instant): Promise<{ readonly keys: readonly Readonly<Record<string, string>>[] }>;
}

/** Notifies listeners that something changed. Events carry no data: listeners read again. */
export type ChangeEvent = "invites" | "devices" | "sms" | "settings" | "approvals" | "messages" | "reachability" | "audit";

export interface ChangeEvents {
  emit(item: ChangeEvent): void;
  listen(listener: (item: ChangeEvent) => void): () => void;
}

/** Wakes listeners that wait for the messages of one phone. Signals carry no data: listeners read again. */
export interface InboxSignals {
  emit(phones: readonly Pick<Device, "userId" | "deviceId">[]): void;
  /** Any phone may have something to read. */
  emitToAll(): void;
  /** `relay`: the listener only forwards, and does not know whether the phone is connected. */
  listen(phone: Pick<Device, "userId" | "deviceId">, listener: () => void, by?: "relay"): () => void;
  /** Whether a listener holds a connection of the phone itself. */
  isConnected(phone: Pick<Device, "userId" | "deviceId">): boolean;
}

/** Stores secrets. A store declares its kind and never falls back to a weaker one. */
export interface SecretStore {
  readonly kind: SecretKind;
  /** `undefined`: there certainly is none. Rejects if that is unknown (locked, unreadable). */
  get(name: SecretName): Promise<string | undefined>;
  /** Resolves once the secret is saved durably. */
  set(name: SecretName, secret: string): Promise<void>;
  /** Resolves once it is removed. */
  remove(name: SecretName): Promise<void>;
  /**
   * Saves the secret if the saved one is still `former` (`undefined`: none); resolves with whether it was. Only a store that other
   * servers write at the same time has this.
   */
  replace?(name: SecretName, former: string | undefined, secret: string): Promise<boolean>;
}

/** A settings page in a browser that acts for the person at the computer. Of its key, only the digest is stored. */
export interface StoredWindow {
  readonly keyDigest: string;
  readonly id: string;
  readonly openedAt: Instant;
  readonly lastUsed: Instant;
  readonly caller: Caller;
}

/** Stores settings pages that were opened. They reject with `storage_unavailable` where they are kept outside of the process. */
export interface WindowStore {
  /** Also deletes those that were last used at `usedSince` or before, and those used the longest time ago beyond `most`. */
  add(window: StoredWindow, keep: { readonly usedSince: Instant; readonly most: number }): Promise<void>;
  /** Whether a page that was used after `usedSince` has this key. Counts as a use of it, to the minute. */
  use(keyDigest: string, at: Instant, usedSince: Instant): Promise<boolean>;
  /** Those that were used after `usedSince`, the latest first. */
  list(usedSince: Instant): Promise<readonly StoredWindow[]>;
  /** Whether there was one. */
  end(id: string): Promise<boolean>;
}

/** Lower-case words with hyphens between them, like `signing-key`. */
export type SecretName = string;
