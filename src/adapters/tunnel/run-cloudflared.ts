import { devNull } from "node:os";
import type { TunnelFailure } from "../../core/index.ts";
import type { Found } from "./find-cloudflared.ts";
import { isLoss, readLine } from "./read-output.ts";
import { startProgram } from "./start-program.ts";
import type { Prepared, Run, RunListener, RunTimeouts } from "./tunnel-supervisor.ts";

/** How long a lost connection may be lost before the run counts as broken. */
export const RECONNECT = 20_000;

export interface CloudflaredDeps {
  readonly find: () => Promise<Found>;
  /** The phone door, as this computer reaches it. */
  readonly target: string;
}

/** A quick tunnel by cloudflared: no account, another address at each start. */
export async function prepareCloudflared({ find, target }: CloudflaredDeps): Promise<Prepared> {
  const found = await find();
  if (found.kind !== "found") return { failure: found.kind };
  const { file } = found;
  return { program: file, run: (timeouts, listener) => runCloudflared(file, target, timeouts, listener) };
}

/** One run of `cloudflared tunnel --url …`, watched from its start to its end. */
function runCloudflared(file: string, target: string, timeouts: RunTimeouts, { online, ended }: RunListener): Run {
  let failure: TunnelFailure | undefined;
  let address: string | undefined;
  let connected = false;
  let complaint: Complaint | undefined;
  let reported = false;
  /** Runs while its connection is lost: it may get another one by itself, with the same address. */
  let reconnect: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => giveUp(address === undefined ? "no_address" : "not_connected"), timeouts.address);

  const clear = (): void => {
    clearTimeout(deadline);
    clearTimeout(reconnect);
  };
  const giveUp = (why: TunnelFailure): void => {
    failure ??= why;
    clear();
    program.end();
  };
  const lose = (): void => {
    if (reported) reconnect ??= setTimeout(() => giveUp("disconnected"), timeouts.reconnect ?? RECONNECT);
  };
  const readOutput = (line: string): void => {
    const read = readLine(line);
    if (failure !== undefined || read === undefined) return;
    if (read.kind === "disconnected" || read.kind === "complaint") {
      // A retry is not the cause, which was reported before it.
      const isRetry = read.kind === "disconnected" && /^retrying/i.test(read.text);
      if (!isRetry) complaint = worse(complaint, { output: read.text, failure: failureIn(read.text) });
      if (read.kind === "disconnected" || isLoss(read.text)) lose();
      return;
    }
    if (read.kind === "address") address ??= read.address;
    else if (read.kind === "strange_address" && address === undefined) giveUp("strange_address");
    else if (read.kind === "connected") {
      connected ||= address !== undefined;
      complaint = undefined;
      clearTimeout(reconnect);
      reconnect = undefined;
    }
    if (reported || address === undefined || !connected) return;
    reported = true;
    clearTimeout(deadline);
    online(address);
  };
  const program = startProgram(file, argumentsFor(target), timeouts.end, {
    line: readOutput,
    ended(why) {
      clear();
      ended(failure ?? (why === "ended" ? (complaint?.failure ?? why) : why), complaint?.output);
    },
  });
  return {
    async stop() {
      clear();
      program.end();
      await program.done;
    },
  };
}

interface Complaint {
  readonly output: string;
  readonly failure: TunnelFailure;
}

/** The last complaint counts, unless it only repeats that the program ended for the reason of the one before. */
function worse(before: Complaint | undefined, now: Complaint): Complaint {
  return before !== undefined && before.failure !== "ended" && now.failure === "ended" ? before : now;
}

function argumentsFor(target: string): readonly string[] {
  return [
    "tunnel",
    // A configuration that this account has for another tunnel would take the place of the address below.
    "--config",
    devNull,
    // It would end to start anew, with another address.
    "--no-autoupdate",
    "--grace-period",
    "1s",
    "--url",
    target,
  ];
}

/** It has no error codes, only words: those of Go's network library, and the service's status. */
function failureIn(output: string): TunnelFailure {
  if (/\b429\b|too many requests/i.test(output)) return "busy";
  return /no such host|dial (tcp|udp)|network is unreachable|i\/o timeout|connection refused|context deadline/i.test(output)
    ? "offline"
    : "ended";
}
