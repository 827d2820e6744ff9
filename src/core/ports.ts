import type { CoordinationPorts } from "./ports/coordination.ts";
import type { AdminToken, HostSettings, PageMemory, ReachabilitySetup, SecretPlace, SmsSetup } from "./ports/settings.ts";
import type { PairingStore } from "./ports/store.ts";
import type {
  ChangeEvents,
  Clock,
  Digest,
  InboxSignals,
  Log,
  PhoneNumbers,
  Presence,
  PushSender,
  Random,
  Reach,
  SmsSender,
  Tokens,
  Tunnel,
} from "./ports/world.ts";
import type { Instant } from "./time.ts";

export type * from "./ports/coordination.ts";
export type * from "./ports/settings.ts";
export type * from "./ports/store.ts";
export type * from "./ports/store-changes.ts";
export type * from "./ports/world.ts";

/** Everything the core needs from outside. Each port has one contract suite in `test/contracts`. */
export interface Ports extends Omit<CoordinationPorts, "leases"> {
  readonly clock: Clock;
  readonly clockWatch: { readonly retentionNow: () => Instant };
  readonly random: Random;
  readonly digest: Digest;
  readonly store: PairingStore;
  readonly sms: SmsSender;
  readonly smsSetup: SmsSetup;
  readonly hostSettings: HostSettings;
  readonly adminToken: AdminToken;
  readonly pageMemory: PageMemory;
  readonly reach: Reach;
  readonly reachabilitySetup: ReachabilitySetup;
  readonly tunnel: Tunnel;
  readonly phoneNumbers: PhoneNumbers;
  readonly tokens: Tokens;
  readonly push: PushSender;
  readonly presence: Presence;
  readonly secretPlace: SecretPlace;
  readonly changeEvents: ChangeEvents;
  readonly inboxSignals: InboxSignals;
  readonly log: Log;
}
