import { present } from "../../base/present.ts";
import type { AuditEntry } from "../audit.ts";
import { PairingError } from "../errors.ts";
import type { NoteDelivery, Ports, SmsTaken } from "../ports.ts";
import { type Instant, SECOND } from "../time.ts";
import type { Delivery } from "./delivery.ts";
import { reportName, type TextMessage } from "./text-message.ts";

type Deps = Pick<Ports, "clock" | "store" | "sms" | "changeEvents" | "log">;

interface Sending {
  /** What it says. */
  readonly body: string;
  /** When it is of no use any more. */
  readonly expiresAt: Instant;
  /** What happens to the invite when the provider refuses the message. */
  readonly refused?: NonNullable<NoteDelivery["outcome"]>;
  /** For the audit trail. */
  readonly about: Omit<AuditEntry, "event">;
}

/** The last send that a text message counts goes out, and what became of it is noted. Rejects with the provider's rejection. */
export async function deliver(deps: Deps, text: TextMessage, { body, expiresAt, refused, about }: Sending): Promise<void> {
  const at = (): Instant => deps.clock.now();
  const provider = deps.sms.name;
  const note = async (delivery: Delivery, more: Pick<NoteDelivery, "audit" | "outcome">): Promise<boolean> =>
    deps.store.noteDelivery({ textId: text.id, send: text.sends.length, delivery, at: delivery.at, ...more });
  try {
    let taken: SmsTaken;
    try {
      taken = await deps.sms.send({
        to: text.to,
        text: body,
        validSeconds: Math.max(1, Math.floor((expiresAt - at()) / SECOND)),
        reportTo: `${text.baseUrl}${deps.sms.reportPath}${reportName(text)}`,
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
          ...present({ providerCode: rejection.details?.code }),
        },
        {
          audit: [{ event: "sms_failed", reason: rejection.code, ...about }],
          ...(unknown || refused === undefined ? {} : { outcome: refused }),
        },
      );
      const facts = { code: rejection.code, note: rejection.note, provider: rejection.details?.code, message: text.id };
      deps.log.warn("text message not sent", facts);
      throw rejection;
    }
    if (taken.kind === "handed_over") await note({ state: "handed_over", at: at(), more: taken.more, provider }, { audit: [] });
  } finally {
    deps.changeEvents.emit("invites");
  }
}

/** A provider's own error unchanged; anything else becomes an error without a reason, which nobody should see. */
function sendRejection(cause: unknown): PairingError {
  if (cause instanceof PairingError) return cause as PairingError;
  return new PairingError("sms_send_failed", { note: cause instanceof Error ? cause.name : "not an error", cause });
}
