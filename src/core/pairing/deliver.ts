import type { AuditEntry } from "../audit.ts";
import { PairingError } from "../errors.ts";
import type { NoteDelivery, Ports, SmsTaken } from "../ports.ts";
import { type Instant, SECOND } from "../time.ts";
import type { Delivery } from "./delivery.ts";
import type { PairingSession } from "./session.ts";

type Deps = Pick<Ports, "clock" | "store" | "sms" | "changeEvents" | "log">;

/** Named in the path under which a provider reports: the session and which of its messages. No proof of anything, and no code. */
function reportName(session: PairingSession): string {
  return `${session.sessionId}.${session.sentAt.length}`;
}

export function readReportName(name: string): { readonly sessionId: string; readonly send: number } | undefined {
  const [, sessionId, send] = /^([\w-]{1,64})\.(\d{1,6})$/.exec(name) ?? [];
  return sessionId === undefined ? undefined : { sessionId, send: Number(send) };
}

/** The last text message that a session counts goes out; what became of that is noted, and when it was refused, `refused` happens. */
export async function deliver(
  deps: Deps,
  session: PairingSession,
  text: string,
  refused: NonNullable<NoteDelivery["outcome"]>,
  about: Omit<AuditEntry, "event">,
): Promise<void> {
  const at = (): Instant => deps.clock.now();
  const note = async (delivery: Delivery, more: Pick<NoteDelivery, "audit" | "outcome">): Promise<boolean> =>
    deps.store.noteDelivery({ codeHash: session.codeHash, send: session.sentAt.length, delivery, at: delivery.at, ...more });
  const provider = deps.sms.name;
  try {
    let taken: SmsTaken;
    try {
      taken = await deps.sms.send({
        to: session.phoneNumber,
        text,
        validSeconds: Math.max(1, Math.floor((session.expiresAt - at()) / SECOND)),
        reportTo: `${session.baseUrl}${deps.sms.reportPath}${reportName(session)}`,
      });
    } catch (cause) {
      const rejection = sendRejection(cause);
      const unknown = rejection.code === "sms_outcome_unknown";
      await note(
        {
          state: unknown ? "unknown" : "failed",
          at: at(),
          more: unknown && deps.sms.mayReportUnknown,
          provider,
          fault: rejection.details?.reason ?? (unknown ? "outcome_unknown" : "other"),
          ...(rejection.details?.code === undefined ? {} : { providerCode: rejection.details.code }),
        },
        { audit: [{ event: "sms_failed", reason: rejection.code, ...about }], ...(unknown ? {} : { outcome: refused }) },
      );
      deps.log.warn("text message not sent", {
        code: rejection.code,
        note: rejection.note,
        provider: rejection.details?.code,
        session: session.sessionId,
      });
      throw rejection;
    }
    if (taken.kind === "handed_over") await note({ state: "handed_over", at: at(), more: taken.more, provider }, { audit: [] });
  } finally {
    deps.changeEvents.emit("invites");
  }
}

/** A provider's refusal as it is; anything else it threw is a failure whose reason nobody should read. */
function sendRejection(cause: unknown): PairingError {
  if (cause instanceof PairingError) return cause as PairingError;
  return new PairingError("sms_send_failed", { note: cause instanceof Error ? cause.name : "not an error", cause });
}
