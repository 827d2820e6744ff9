import type { Device, Instant, Log } from "../../../core/index.ts";
import { type Submit, seenDevice } from "../../../core/store/index.ts";
import { submitSeen } from "../file/seen-phones.ts";
import { reasonOf } from "./errors.ts";

/** When phones were last in contact, as far as that is not in the database yet. */
export interface SeenMarks {
  note(device: Device, at: Instant): void;
  /** The device with what is known here. */
  apply(device: Device): Device;
  /** Writes what there is; also called every few seconds. */
  flush(): Promise<void>;
  stop(): void;
}

export const UNWRITTEN = "when phones were last seen could not be written";

const FLUSH_EVERY_MS = 5000;

interface Mark {
  readonly device: Device;
  readonly at: Instant;
}

export function createSeenMarks(submit: Submit, now: () => Instant, log: Log): SeenMarks {
  /** By token id: a mark counts for the pairing that it was made for. */
  const marks = new Map<string, Mark>();
  const flush = async (): Promise<void> => {
    const written = [...marks.values()];
    if (written.length === 0) return;
    await submitSeen(
      submit,
      written.map(({ device }) => device),
      now(),
    );
    for (const mark of written) if (marks.get(mark.device.jti) === mark) marks.delete(mark.device.jti);
  };
  const timer = setInterval(() => {
    flush().catch((cause: unknown) => log.warn(UNWRITTEN, { reason: reasonOf(cause) }));
  }, FLUSH_EVERY_MS);
  timer.unref();
  return {
    note(device, at) {
      const before = marks.get(device.jti);
      const seen = before ? seenDevice({ ...before.device, lastSeen: before.at, status: "active" }, device, at) : { lastSeen: at };
      if (seen) marks.set(device.jti, { device, at: seen.lastSeen });
    },
    apply(device) {
      const mark = marks.get(device.jti);
      return (mark && seenDevice(device, mark.device, mark.at)) ?? device;
    },
    flush,
    stop: () => clearInterval(timer),
  };
}
