import type { AuditEntry } from "../audit.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { aboutText, readReportName } from "./text-message.ts";

type Deps = Pick<Ports, "clock" | "store" | "sms" | "changeEvents">;

export interface DeliveryReport {
  /** The path without its last segment. */
  readonly path: string;
  /** The last part. */
  readonly name: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it came. */
  readonly body: string;
}

/**
 * Handles a provider's delivery report. Reports repeat and arrive in any order: the state only moves forward. A report about an
 * unknown message is accepted and ignored, so that the provider does not send it again.
 */
export async function noteDelivery(deps: Deps, settings: PairingSettings, { path, name, headers, body }: DeliveryReport): Promise<void> {
  const about = readReportName(name);
  const text = about && (await deps.store.findText(about.textId));
  // Providers sign the address they were given, which is the public one unless that has changed since.
  const bases = new Set([settings.baseUrl(), ...(text ? [text.baseUrl] : [])]);
  const addresses = [...bases].map((base) => `${base}${path}${name}`);
  // A report of a provider that is no longer in use cannot be verified.
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
