import * as z from "zod";
import {
  PairingError,
  type ReachabilityChange,
  type ReachabilitySettings,
  type ReachabilitySetup,
  TUNNEL_SENTENCES,
} from "../../core/index.ts";
import { createSettingsFile } from "../settings-file.ts";
import { examine, examineChosen, type Found, lookForCloudflared } from "./find-cloudflared.ts";

const Saved = z.object({
  base_url: z.url({ protocol: /^https?$/ }).optional(),
  cloudflared_path: z.string().min(1).optional(),
  tunnel_at_start: z.boolean().optional(),
});
type Saved = z.output<typeof Saved>;

export interface ReachabilityNeeds {
  readonly folder: string;
  /** What the environment says; it wins over what was saved. */
  readonly environment: { readonly baseUrl: string | undefined; readonly cloudflared: string | undefined };
  readonly phoneDoor: () => string;
  readonly localNetwork: () => readonly string[];
}

export interface ReachabilityDesk extends ReachabilitySetup {
  /** The person's own public address, by environment or settings page. */
  readonly ownAddress: () => string | undefined;
  readonly tunnelAtStart: () => boolean;
  readonly findCloudflared: () => Promise<Found>;
}

/** How phones get here, by environment and settings page. Rejects when what was saved cannot be used. */
export async function openReachability({ folder, environment, phoneDoor, localNetwork }: ReachabilityNeeds): Promise<ReachabilityDesk> {
  const file = createSettingsFile(folder, "reachability_settings.json", Saved, "phone reachability");
  let saved: Saved = file.read() ?? {};

  const findCloudflared = async (): Promise<Found> => {
    if (environment.cloudflared !== undefined) return examine(environment.cloudflared);
    return saved.cloudflared_path === undefined ? lookForCloudflared(process.env) : examineChosen(saved.cloudflared_path, process.env);
  };
  const read = async (): Promise<ReachabilitySettings> => {
    const found = await findCloudflared();
    return {
      baseUrl: { value: environment.baseUrl ?? saved.base_url ?? "", locked: environment.baseUrl !== undefined },
      cloudflared: {
        path: { value: environment.cloudflared ?? saved.cloudflared_path ?? "", locked: environment.cloudflared !== undefined },
        ...(found.file === undefined ? {} : { found: found.file }),
        ...(found.kind === "found" ? {} : { trouble: found.kind }),
      },
      tunnelAtStart: saved.tunnel_at_start === true,
      phoneDoor: phoneDoor(),
      localNetwork: localNetwork(),
    };
  };
  const save = async (change: ReachabilityChange): Promise<void> => {
    if (change.baseUrl !== undefined && environment.baseUrl !== undefined) throw new PairingError("setting_locked");
    if (change.cloudflaredPath !== undefined && environment.cloudflared !== undefined) throw new PairingError("setting_locked");
    await refuseUnusable(change.cloudflaredPath);
    const next = changed(saved, change);
    await file.write(next).catch((cause: unknown) => {
      throw new PairingError("storage_unavailable", { cause });
    });
    saved = next;
  };

  /** One after another, so that no save undoes another's half. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    ownAddress: () => environment.baseUrl ?? saved.base_url,
    tunnelAtStart: () => saved.tunnel_at_start === true,
    findCloudflared,
    read,
    async save(change) {
      const mine = last.then(async () => save(change));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

async function refuseUnusable(file: string | undefined): Promise<void> {
  if (file === undefined || file === "") return;
  const found = await examineChosen(file, process.env);
  if (found.kind === "found") return;
  const sentence =
    found.kind === "not_installed" ? "There is no file at this path. Give the whole path of cloudflared." : TUNNEL_SENTENCES[found.kind];
  throw new PairingError("tunnel_program_unusable", { sentence });
}

function changed(saved: Saved, { baseUrl, cloudflaredPath, tunnelAtStart }: ReachabilityChange): Saved {
  const next: Saved = {
    base_url: baseUrl === undefined || baseUrl === "" ? (baseUrl ?? saved.base_url) : new URL(baseUrl).origin,
    cloudflared_path: cloudflaredPath ?? saved.cloudflared_path,
    tunnel_at_start: tunnelAtStart ?? saved.tunnel_at_start,
  };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== "" && value !== undefined));
}
