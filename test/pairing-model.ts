import fc from "fast-check";

/*
 * Pairing as one page of plain rules, to compare the product with: whatever is done at the same time must come out as if it had
 * been done one after the other, in some order.
 */

type InviteIndex = 0 | 1;
type DeviceName = "a" | "b";

/** `pair` is by the QR code, the others by one of two text messages. */
export type Deed =
  | { readonly kind: "accept"; readonly invite: InviteIndex; readonly device: DeviceName; readonly key: "k" | "l" | undefined }
  | { readonly kind: "pair"; readonly otp: "right" | "wrong"; readonly device: DeviceName }
  | { readonly kind: "decline" | "cancel" | "resend"; readonly invite: InviteIndex }
  | { readonly kind: "revoke" | "suspend" | "reactivate"; readonly device: DeviceName }
  | { readonly kind: "expire" | "revoke-all" | "rotate" };

/** How it ended: "ok", the code of the error, or how many were revoked. */
export type Outcome = string;

/** What can be seen when all is done. */
export interface Seen {
  /** Of both text messages' invites, and of the QR code. */
  readonly invites: readonly string[];
  readonly devices: Readonly<Record<DeviceName, string>>;
  /** What the token says today that an invite brought, where it brought one. */
  readonly tokens: readonly (string | undefined)[];
}

interface Invite {
  readonly status: "pending" | "accepted" | "cancelled";
  readonly expiresAt: number;
  readonly wrong: number;
  readonly won?: { readonly device: DeviceName; readonly pairing: number; readonly key: string | undefined; readonly at: number };
}

interface Device {
  readonly status: "active" | "suspended" | "revoked";
  readonly pairing: number;
}

/** Time in minutes. */
export interface Model {
  readonly now: number;
  readonly invites: readonly Invite[];
  readonly devices: Readonly<Partial<Record<DeviceName, Device>>>;
  readonly pairings: number;
}

const QR = 2;
const MAX_TRIES = 5;
/** Wrong tries before the deeds begin, so that two more are too many. */
export const TRIED_BEFORE = 3;
export const PASSES = 16;

/** Two text messages and a QR code wait, and phone "a" is paired. */
export const BEGINNING: Model = {
  now: 0,
  invites: [15, 15, 5].map((expiresAt, index) => ({ status: "pending", expiresAt, wrong: index === QR ? TRIED_BEFORE : 0 })),
  devices: { a: { status: "active", pairing: 0 } },
  pairings: 1,
};

function status({ status, expiresAt }: Invite, now: number): string {
  return status === "pending" && now >= expiresAt ? "expired" : status;
}

const REJECTION_FOR: Readonly<Record<string, Outcome>> = {
  accepted: "invite_already_used",
  cancelled: "invite_cancelled",
  expired: "invite_expired",
};

function withInvite(model: Model, index: number, change: Partial<Invite>): Model {
  return { ...model, invites: model.invites.map((invite, at) => (at === index ? { ...invite, ...change } : invite)) };
}

function accept(model: Model, index: number, device: DeviceName, key: string | undefined): [Model, Outcome] {
  const { now, invites, devices, pairings } = model;
  const invite = invites[index]!;
  const stands = status(invite, now);
  if (stands === "pending")
    return [
      {
        ...withInvite(model, index, { status: "accepted", won: { device, pairing: pairings, key, at: now } }),
        devices: { ...devices, [device]: { status: "active", pairing: pairings } },
        pairings: pairings + 1,
      },
      "ok",
    ];
  const { won } = invite;
  const again = won !== undefined && key !== undefined && won.key === key && now - won.at <= 10;
  if (!again) return [model, REJECTION_FOR[stands]!];
  if (won.device !== device) return [model, "idempotency_key_reused"];
  const holder = devices[device];
  return [model, holder?.status === "active" && holder.pairing === won.pairing ? "ok" : REJECTION_FOR[stands]!];
}

/** One deed by itself. */
export function step(model: Model, deed: Deed): [Model, Outcome] {
  const { now, invites, devices } = model;
  switch (deed.kind) {
    case "accept":
      return accept(model, deed.invite, deed.device, deed.key);
    case "pair": {
      const invite = invites[QR]!;
      if (status(invite, now) !== "pending" || deed.otp === "right") return accept(model, QR, deed.device, undefined);
      const wrong = invite.wrong + 1;
      return [withInvite(model, QR, { wrong, status: wrong >= MAX_TRIES ? "cancelled" : "pending" }), "otp_invalid"];
    }
    case "decline": {
      const stands = status(invites[deed.invite]!, now);
      return stands === "pending" ? [withInvite(model, deed.invite, { status: "cancelled" }), "ok"] : [model, REJECTION_FOR[stands]!];
    }
    case "cancel":
      if (invites[deed.invite]!.status === "accepted") return [model, "invite_already_used"];
      return [withInvite(model, deed.invite, { status: "cancelled" }), "ok"];
    case "resend": {
      const { status } = invites[deed.invite]!;
      return status === "pending" ? [withInvite(model, deed.invite, { expiresAt: now + 15 }), "ok"] : [model, REJECTION_FOR[status]!];
    }
    case "expire":
      return [{ ...model, now: now + PASSES }, "ok"];
    case "rotate":
      return [model, "ok"];
    case "revoke-all": {
      const meant = Object.values(devices).filter(({ status }) => status !== "revoked");
      const revoked = Object.entries(devices).map(([name, device]) => [name, { ...device, status: "revoked" }]);
      return [{ ...model, devices: Object.fromEntries(revoked) as Model["devices"] }, String(meant.length)];
    }
    case "revoke":
    case "suspend":
    case "reactivate": {
      const device = devices[deed.device];
      if (!device || device.status === "revoked") return [model, "device_not_found"];
      const status = ({ revoke: "revoked", suspend: "suspended", reactivate: "active" } as const)[deed.kind];
      return [{ ...model, devices: { ...devices, [deed.device]: { ...device, status } } }, "ok"];
    }
    default:
      return deed satisfies never;
  }
}

/** What a model shows. */
export function seenIn({ now, invites, devices }: Model): Seen {
  const says = ({ device, pairing }: NonNullable<Invite["won"]>): string => {
    const holder = devices[device];
    if (holder?.pairing !== pairing || holder.status === "revoked") return "token_revoked";
    return holder.status === "suspended" ? "device_suspended" : "ok";
  };
  return {
    invites: invites.map((invite) => status(invite, now)),
    devices: { a: devices.a?.status ?? "none", b: devices.b?.status ?? "none" },
    tokens: invites.map(({ won }) => won && says(won)),
  };
}

/** An order in which the deeds, one after the other, end as they did and leave what is seen; `undefined`: there is none. */
export function orderOf(deeds: readonly Deed[], outcomes: readonly Outcome[], seen: Seen): readonly Deed[] | undefined {
  const search = (model: Model, left: readonly number[]): readonly Deed[] | undefined => {
    if (left.length === 0) return JSON.stringify(seenIn(model)) === JSON.stringify(seen) ? [] : undefined;
    for (const index of left) {
      const deed = deeds[index]!;
      const [next, outcome] = step(model, deed);
      if (outcome !== outcomes[index]) continue;
      const rest = search(
        next,
        left.filter((other) => other !== index),
      );
      if (rest) return [deed, ...rest];
    }
    return undefined;
  };
  return search(BEGINNING, [...deeds.keys()]);
}

// Mostly the same one, so that deeds meet.
const invite = fc.constantFrom<InviteIndex>(0, 0, 0, 1);
const device = fc.constantFrom<DeviceName>("a", "b");
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("accept" as const),
      invite,
      device,
      key: fc.constantFrom("k" as const, "l" as const, undefined),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("pair" as const), otp: fc.constantFrom("right" as const, "wrong" as const), device }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("decline" as const, "cancel" as const, "resend" as const), invite }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("revoke" as const, "suspend" as const, "reactivate" as const), device }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("expire" as const, "expire" as const, "expire" as const, "revoke-all" as const, "rotate" as const),
    }),
  },
);

/** A few deeds to be done at the same time. One takes all phones at most: two of them share the count between them. */
export const someDeeds: fc.Arbitrary<Deed[]> = fc
  .array(deed, { minLength: 2, maxLength: 5 })
  .filter((deeds) => deeds.filter(({ kind }) => kind === "revoke-all").length < 2);
