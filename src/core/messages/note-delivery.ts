import type { AuditEntry } from "../audit.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { aboutText, readReportName } from "./text-message.ts";

type Deps = Pick<Ports, "clock" | "store" | "sms" | "changeEvents">;

export interface DeliveryReport {
  /** The path it was sent to, but for its last part. */
  readonly path: string;
  /** The last part. */
  readonly name: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it came. */
  readonly body: string;
}

/**
 * A provider says what became of a message. Reports repeat themselves and come in any order: what is known only goes forward. One
 * about a message that is not known any more is taken and forgotten, so that the provider does not send it again.
 */
export async function noteDelivery(deps: Deps, settings: PairingSettings, { path, name, headers, body }: DeliveryReport): Promise<void> {
  const about = readReportName(name);
  const text = about && (await deps.store.findText(about.textId));
  // The address that the provider was told, which is the public one unless that has changed since.
  const bases = new Set([settings.baseUrl(), ...(text ? [text.baseUrl] : [])]);
  const addresses = [...bases].map((base) => `${base}${path}${name}`);
  // Of a provider that does not send any more nobody can tell whether it wrote this.
  if (path !== deps.sms.reportPath) throw new PairingError("bad_signature");
  const report = await deps.sms.readReport({ addresses, headers, body });
  if (!report || !text || !about) return;
  const { to, ...found } = report;
  if (to !== undefined && to !== text.to) throw new PairingError("bad_signature");
  const lost = found.state === "undelivered" || found.state === "failed";
  const line: AuditEntry = {
    event: "sms_failed",
    reason: found.fault ?? found.state,
    ...aboutText(text),
    via: deps.sms.name,
  };
  const at = deps.clock.now();
  const noted = await deps.store.noteDelivery({
    textId: text.id,
    send: about.send,
    delivery: { ...found, at },
    at,
    audit: lost ? [line] : [],
  });
  if (!noted) return;
  deps.changeEvents.emit("invites");
  if (text.approvalId !== undefined) deps.changeEvents.emit("approvals");
}
