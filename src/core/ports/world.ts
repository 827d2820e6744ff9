import type { Device } from "../devices/device.ts";
import type { Delivery, SmsProviderName } from "../messages/delivery.ts";
import type { SmsPrice } from "../pairing/sms-settings.ts";
import type { TunnelState } from "../reachability/tunnel-state.ts";
import type { PushMessage, PushOutcome, PushSubscription } from "../remote/push.ts";
import type { SecretKind } from "../secrets/status.ts";
import type { Instant } from "../time.ts";

export interface Clock {
  /** The wall clock. People and networks set it, forwards and back. */
  now(): Instant;
  /** Milliseconds since some moment; it only goes forwards, whatever is done to the wall clock. It may stand still while the computer sleeps. */
  steady(): number;
  /** Resolves after so many milliseconds, for what may be left undone: a stop does not wait for it. */
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

/** For the person who keeps the server running. Never a code, a token, a secret or a whole phone number. */
export interface Log {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  error(message: string, facts?: Readonly<Record<string, unknown>>): void;
}

export interface SmsSender {
  readonly name: SmsProviderName;
  /** Whether a report may still come of a message whose outcome is not known. */
  readonly mayReportUnknown: boolean;
  /** Where it reports to, at the public address: a message's own name follows. */
  readonly reportPath: string;
  /** What a segment costs to a country (ISO 3166); `undefined` where no price is known. */
  price(country: string | undefined): SmsPrice | undefined;
  /**
   * Resolves once the provider has taken the message. Rejects with one of the `sms_…` refusals; `sms_outcome_unknown`
   * when it may have been taken. Never retries by itself.
   */
  send(message: SmsMessage): Promise<SmsTaken>;
  /** What a report says of a message. Rejects with `bad_signature` unless the provider itself wrote it for one of `addresses`. */
  readReport(report: SignedReport): Promise<SmsReport | undefined>;
  /** Set while nothing is sent because the provider failed again and again. */
  pausedUntil(): Instant | undefined;
}

export interface SmsMessage {
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** Whole seconds after which the message is worth nothing any more. */
  readonly validSeconds: number;
  /** Where the provider may report what became of it. */
  readonly reportTo: string;
}

/** `printed`: mock mode. `more`: whether reports will follow. */
export type SmsTaken = { readonly kind: "printed" } | { readonly kind: "handed_over"; readonly more: boolean };

export interface SignedReport {
  /** Where it may have been sent to, as the provider was told. */
  readonly addresses: readonly string[];
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it came, every byte of it. */
  readonly body: string;
}

export interface SmsReport extends Omit<Delivery, "at"> {
  /** The number of the message that it is about (E.164), where the report says so and its address is not signed. */
  readonly to?: string;
}

/** Whether somebody sits at this computer. */
export interface Presence {
  /** Milliseconds since its mouse or keyboard was touched; `undefined` where that is not known. */
  idleFor(): number | undefined;
}

/** Wakes phones through the push services of their browsers. */
export interface PushSender {
  /** What phones subscribe with: base64url, 65 bytes. Made when it is first needed. Rejects with `keys_unavailable`. */
  publicKey(): Promise<string>;
  /** What is wrong with a subscription: its service is none that may be asked, or its keys are no keys. */
  examine(subscription: PushSubscription): "service" | "keys" | undefined;
  /** Never rejects, and answers within seconds. Never tries again by itself. */
  send(message: PushMessage): Promise<PushOutcome>;
}

/** Whether phones can reach the phone door at its public address. */
export interface Reach {
  /** What only this process answers to a nonce. */
  prove(nonce: string): string;
  /** Asks the address for the proof of a fresh nonce, as a phone would. */
  ask(address: string): Promise<ReachFinding>;
}

export type ReachFinding = "reached" | "no_answer" | "bad_certificate" | "tunnel_broken" | "interstitial" | "another_server";

/** A program that lends the phone door a public address, for as long as it runs. Each change of its state is news. */
export interface Tunnel {
  state(): TunnelState;
  /** Starts it, at once where it waits to be tried again. Nothing, while it starts or is online. What ends by itself is tried again. */
  start(): void;
  /** Resolves when it is off and nothing of it runs any more. */
  stop(): Promise<void>;
}

export interface PhoneNumbers {
  /**
   * Any spelling, in the digits of any script → what it means, or `undefined` when it is no number. Without `country`, a country
   * code is required; with it, the prefixes are understood that lead abroad from there.
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
  /** ISO 3166; absent for numbers of no country, and where several countries share the calling code and the number does not tell. */
  readonly country?: string;
  /** All countries that the number may be in: `country`, or those that share its calling code. */
  readonly mayBeIn: readonly string[];
  /** Another number that the same text may mean, where prefixes that lead abroad begin alike. */
  readonly otherReading?: string;
}

/** What a device token says (CONTRACT section 3). */
export interface TokenClaims {
  readonly userId: string;
  readonly deviceId: string;
  readonly fingerprint: string;
  readonly jti: string;
  /** Whole seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What keeps tokens from being issued: the place of the key cannot be read, or what is there is no key. */
export interface SigningProblem {
  readonly kind: "unreadable" | "damaged";
  /** For the person at the computer: what is wrong, and the way out. */
  readonly sentence: string;
}

export interface Tokens {
  /** The same claims give the same token while the same key signs (RS256 is deterministic). Rejects with `keys_unavailable`. */
  issue(claims: TokenClaims): Promise<string>;
  /** Resolves when a token could be issued now; asks for the key where it was not read yet. Rejects with `keys_unavailable`. */
  ensureSigning(): Promise<void>;
  /** Why no token could be issued when that was last tried; `undefined`: it could, or nobody has tried. Asks nothing. */
  signingProblem(): SigningProblem | undefined;
  /**
   * The claims of a token that one of our keys signed. Rejects with `token_invalid` or `token_expired`. Whether it was issued in the
   * future, and whether it was revoked, is the caller's to check.
   */
  verify(token: string, now: Instant): Promise<TokenClaims>;
  /**
   * A new key signs from now on; the former one verifies until `verifyUntil`. Resolves when it is kept for good. Rejects with
   * `keys_elsewhere` where the key is not ours to replace.
   */
  rotate(verifyUntil: Instant): Promise<{ readonly kid: string }>;
  /** RFC 7517: public members only. */
  publicKeys(now: Instant): Promise<{ readonly keys: readonly Readonly<Record<string, string>>[] }>;
}

/** Tells whoever listens that something changed. It carries no data: listeners read again. */
export type ChangeEvent = "invites" | "devices" | "sms" | "settings" | "approvals" | "messages" | "reachability" | "audit";

export interface ChangeEvents {
  emit(item: ChangeEvent): void;
  listen(listener: (item: ChangeEvent) => void): () => void;
}

/** Wakes who waits for the messages of one phone. It carries none: who is woken reads again. */
export interface InboxSignals {
  emit(phones: readonly Pick<Device, "userId" | "deviceId">[]): void;
  /** `relay`: the listener only hands on, and does not know whether the phone is there. */
  listen(phone: Pick<Device, "userId" | "deviceId">, listener: () => void, by?: "relay"): () => void;
  /** Whether somebody listens who has the phone itself on the line. */
  isConnected(phone: Pick<Device, "userId" | "deviceId">): boolean;
}

/** Where secrets live. A store says what it is and never falls back to a weaker one. */
export interface SecretStore {
  readonly kind: SecretKind;
  /** `undefined`: there is none, for certain. Rejects when that cannot be known (locked, unreadable). */
  get(name: SecretName): Promise<string | undefined>;
  /** Resolves when the secret is kept for good. */
  set(name: SecretName, secret: string): Promise<void>;
  /** Resolves when there is none any more. */
  remove(name: SecretName): Promise<void>;
}

/** Lower-case words with hyphens between them, like `signing-key`. */
export type SecretName = string;
