import { say } from "../../words/say.ts";
import type { VerifiedServer } from "./server.ts";

/** The user and the phone of every run: always the same, so that a run also removes what an earlier one had to leave behind. */
export const OWN_USER = "topdog-phone-verify";
export const OWN_DEVICE = "topdog-phone-verify";

/** What a run has created on the server and not yet removed. */
export interface Traces {
  invited(code: string): void;
  /** A phone may be paired from now on, whether or not the answer arrives. */
  pairing(): void;
  paired(code: string, token: string): void;
  /** No phone of this run is paired, for certain. */
  unpaired(): void;
  /** Removes everything, from the lists too. Resolves with a sentence for each thing that could not be removed. */
  remove(): Promise<readonly string[]>;
}

export function createTraces(server: VerifiedServer): Traces {
  const codes = new Set<string>();
  let created = false;
  let phone: { readonly token?: string } | undefined;

  const answered = async (ask: () => Promise<{ readonly status: number }>, statuses: readonly number[]): Promise<boolean> =>
    ask().then(
      ({ status }) => statuses.includes(status),
      () => false,
    );
  const cancel = (code: string): Promise<boolean> => answered(() => server.local("cancelInvite", { invite_code: code }), [200, 404, 409]);
  /** First with its own token: that needs no admin token, and 401 shows that the token no longer works. */
  const unpair = async ({ token }: { readonly token?: string }): Promise<boolean> =>
    (token !== undefined && (await answered(() => server.phone("unpairOwnDevice", {}, { deviceToken: token }), [200, 401]))) ||
    answered(() => server.local("revokeDevice", { device_id: OWN_DEVICE, user_id: OWN_USER }), [200, 404]);

  return {
    invited(code) {
      created = true;
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
        if (!(await cancel(code))) left.push(say("verify.inviteLeft"));
      }
      if (phone && !(await unpair(phone))) left.push(say("verify.phoneLeft", { device: OWN_DEVICE }));
      // What still gives access stays in the lists, where a person can see it.
      if (created && left.length === 0 && !(await answered(() => server.local("forgetUser", { user_id: OWN_USER }), [200])))
        left.push(say("verify.listed", { user: OWN_USER }));
      return left;
    },
  };
}
