import type { Device } from "../devices/device.ts";
import type { CommandResult } from "../remote/outbox.ts";
import type { AskedAction, VoiceCommand, VoiceHandler } from "../remote/voice-command.ts";
import type { Instant } from "../time.ts";

/** The right to do something that only one of the servers that share a storage may do at a time. */
export interface Lease {
  /** Rises with each holder. */
  readonly epoch: number;
  /** Whether nobody else can have it yet, by the steady clock of this computer. */
  isHeld(): boolean;
}

/** What is done under a lease. Must not throw. */
export interface LeasedWork {
  /** This server has the lease from now on. */
  taken(lease: Lease): void;
  /** Another server may have it from now on. Called once for each `taken`, unless the lease was given back before. */
  lost(): void;
}

/**
 * Leases of the servers that share a storage, by name. One is renewed every few seconds and lasts three times as long; when its holder
 * is gone, another server that waits for it takes it over. A holder that was paused, or cannot reach the storage, loses it by its own
 * steady clock before anybody else can take it.
 */
export interface Leases {
  /** Waits for the lease and holds it. Returns the function that gives it back: it resolves when others can take it, and never rejects. */
  take(name: string, work: LeasedWork): () => Promise<void>;
}

/** The connections that phones hold to the servers that share a storage: one for each phone, at one of them. */
export interface PhoneConnections {
  /**
   * Makes this the phone's connection, in the place of a former one at any of the servers. `end` ends it, and resolves when what its phone
   * received is written down; it is called once, when there is a newer one, when this server cannot know whether there is, or by the
   * function that is returned, which the caller calls when the connection has ended by itself. Resolves when the former one has ended so; one
   * whose server does not answer is waited for no longer than two seconds. Rejects with `storage_unavailable`.
   */
  open(phone: Pick<Device, "userId" | "deviceId">, end: () => Promise<void>): Promise<() => Promise<void>>;
  /** Whether one of the servers holds a connection of the phone. */
  isOpen(phone: Pick<Device, "userId" | "deviceId">): Promise<boolean>;
}

/** What an IDE offers to phones. */
export interface VoiceOffer {
  readonly handlerId: string;
  readonly commands: VoiceHandler["commands"];
}

/** A command that waits for a tap on the phone of this token. */
export interface AskedCommand {
  readonly commandId: string;
  readonly jti: string;
  readonly action: AskedAction;
}

export interface SettledCommand {
  readonly command: VoiceCommand;
  readonly outcome: Omit<CommandResult, "commandId">;
  /** The handler answered after the phone had been answered for it. */
  readonly isLate: boolean;
}

/** The answers of those who do not answer. */
export interface AnswersForHandlers {
  /** The handler is gone. */
  readonly gone: SettledCommand["outcome"];
  /** It took the command, and its time is over. */
  readonly overdue: SettledCommand["outcome"];
}

/**
 * The voice commands of the servers that share a storage: what IDEs offer at any of them, phones may ask for at any other. Of any number
 * of callers one confirms a command, one takes it, and one settles it.
 */
export interface VoiceBoard {
  /**
   * Adds an offer, or changes its commands. It is gone when nobody renewed it for `lapse` milliseconds; without `lapse`, when it is
   * withdrawn or this server is gone.
   */
  offer(offer: VoiceOffer, lapse?: number): Promise<void>;
  /** The oldest first. */
  offers(): Promise<readonly VoiceOffer[]>;
  /** Starts its time anew. False: it is gone. */
  renew(handlerId: string, lapse: number): Promise<boolean>;
  /** False: it was gone before. */
  withdraw(handlerId: string): Promise<boolean>;
  /** Calls the listener when a command may be queued for this handler. */
  listen(handlerId: string, listener: () => void): () => void;
  /** The command may be confirmed for so many milliseconds. */
  ask(asked: AskedCommand, within: number): Promise<void>;
  /** `undefined`: it was confirmed already, its time is over, or it is another phone's. */
  confirm(commandId: string, jti: string): Promise<AskedAction | undefined>;
  /** False: the handler is gone. */
  queue(handlerId: string, command: VoiceCommand): Promise<boolean>;
  countQueued(handlerId: string): Promise<number>;
  /** The oldest first. They have so many milliseconds until they are overdue: the server that took them may be gone before the handler has them. */
  take(handlerId: string, within: number): Promise<readonly VoiceCommand[]>;
  /** Also within a day after the phone was answered for a handler that had taken the command. `undefined`: nobody waits for it. */
  settle(commandId: string, outcome: SettledCommand["outcome"]): Promise<SettledCommand | undefined>;
  /**
   * Settles the commands whose handlers are gone, and those that are overdue. Also gives out again what was settled a while ago and not
   * forgotten since.
   */
  takeUnanswered(answers: AnswersForHandlers): Promise<readonly SettledCommand[]>;
  /** Its phone has the result. */
  forget(settled: SettledCommand): Promise<void>;
}

/** What is known of a caller who guessed wrong. */
export interface Guesses {
  readonly wrong: number;
  readonly windowEnds: Instant;
  /** How often this caller was blocked. */
  readonly waits: number;
  /** Milliseconds. */
  readonly wait: number;
  readonly blockedUntil: Instant;
}

/** Wrong guesses of secrets, counted once over the servers that share a storage. */
export interface GuessCounts {
  /**
   * Judges a guess of this caller by what is known of them. `caller` is the same one at all servers, but for `THIS_COMPUTER`. Of any number of guesses at once, at whichever servers, each finds what the one
   * before it left. What `judge` keeps is durable before this resolves; one that keeps nothing writes nothing. `judge` may be called more
   * than once. Rejects with `storage_unavailable`.
   */
  judge<Judged extends { readonly keep?: Guesses }>(
    caller: string,
    judge: (known: Guesses | undefined, now: Instant) => Judged,
  ): Promise<Judged>;
}

/** How servers that share a storage take turns. None of it outlives the servers for long. */
export interface CoordinationPorts {
  readonly leases: Leases;
  readonly phoneConnections: PhoneConnections;
  readonly voiceBoard: VoiceBoard;
  readonly guessCounts: GuessCounts;
}
