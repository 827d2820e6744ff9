import type { VerifiedServer } from "./verified-server.ts";

/** Whose phone and invites verify's own are. Always the same, so that a run also takes away what one before it had to leave. */
export const OWN_USER = "topdog-phone-verify";
export const OWN_DEVICE = "topdog-phone-verify";

/** What a run has made on the server and not yet taken away. */
export interface Traces {
  invited(code: string): void;
  /** A phone may be paired from now on, whether or not the answer arrives. */
  pairing(): void;
  paired(code: string, token: string): void;
  /** No phone of this run is paired, for certain. */
  unpaired(): void;
  /** Takes everything away, also off the lists. Answers what could not be, a sentence each. */
  remove(): Promise<readonly string[]>;
}

export function createTraces(server: VerifiedServer): Traces {
  const codes = new Set<string>();
  let made = false;
  let phone: { readonly token?: string } | undefined;

  const ended = async (ask: () => Promise<{ readonly status: number }>, statuses: readonly number[]): Promise<boolean> =>
    ask().then(
      ({ status }) => statuses.includes(status),
      () => false,
    );
  const cancel = (code: string): Promise<boolean> => ended(() => server.local("cancelInvite", { invite_code: code }), [200, 404, 409]);
  /** By its own token first: that needs no admin, and 401 says that it is no longer good. */
  const unpair = async ({ token }: { readonly token?: string }): Promise<boolean> =>
    (token !== undefined && (await ended(() => server.phone("unpairOwnDevice", {}, { deviceToken: token }), [200, 401]))) ||
    ended(() => server.local("revokeDevice", { device_id: OWN_DEVICE, user_id: OWN_USER }), [200, 404]);

  return {
    invited(code) {
      made = true;
      codes.add(code);
    },
    pairing() {
      phone ??= {};
    },
    paired(code, token) {
      codes.delete(code);
      phone = { token };
    },
    unpaired() {
      phone = undefined;
    },
    async remove() {
      const left: string[] = [];
      for (const code of codes) {
        if (!(await cancel(code))) left.push("A QR code of this run could not be cancelled. It ends by itself within the hour.");
      }
      if (phone && !(await unpair(phone)))
        left.push(`The phone of this run could not be revoked. Revoke ${OWN_DEVICE} in the list of phones.`);
      // What is still good is not taken off the lists: nobody could see it there any more.
      if (made && left.length === 0 && !(await ended(() => server.local("forgetUser", { user_id: OWN_USER }), [200])))
        left.push(`The revoked phone and the finished invites of this run stay in the lists, as user ${OWN_USER}. Nobody can use them.`);
      return left;
    },
  };
}
