import * as z from "zod";
import { messageOf } from "../../base/message-of.ts";
import { present } from "../../base/present.ts";
import { createSerialQueue } from "../../base/serial-queue.ts";
import type { SettingsFile } from "../../base/settings-file.ts";
import {
  PairingError,
  type ReachabilityChange,
  type ReachabilitySettings,
  type ReachabilitySetup,
  type SecretStore,
  type TunnelRunner,
} from "../../core/index.ts";
import { say } from "../../words/say.ts";
import { createSettingsFile } from "../settings-file.ts";
import { examine, examineChosen, type Found, locateCloudflared } from "./find-cloudflared.ts";
import type { LoadNgrok } from "./load-ngrok.ts";

export const SavedReachability = z.object({
  base_url: z
    .url({ protocol: /^https?$/ })
    .transform(originOf)
    .optional(),
  cloudflared_path: z.string().min(1).optional(),
  tunnel_at_start: z.boolean().optional(),
  runner: z.enum(["cloudflared", "ngrok"]).optional(),
  /** That one is where secrets are: known without asking there. */
  ngrok_authtoken_kept: z.boolean().optional(),
});
export type SavedReachability = z.output<typeof SavedReachability>;
type Saved = SavedReachability;

/** What belongs to one computer, also where servers share a database. */
export const OWN_REACHABILITY: readonly string[] = ["cloudflared_path", "tunnel_at_start"] satisfies readonly (keyof Saved)[];

export function savedReachabilityFile(folder: string): SettingsFile<Saved> {
  return createSettingsFile(folder, "reachability_settings.json", SavedReachability, "damagedReachability");
}

export interface ReachabilityDeps {
  /** What the settings page saved. */
  readonly file: SettingsFile<SavedReachability>;
  /** What the environment says; it wins over what was saved. */
  readonly environment: {
    readonly baseUrl: string | undefined;
    readonly cloudflared: string | undefined;
    readonly ngrokAuthtoken: string | undefined;
  };
  readonly secrets: SecretStore;
  readonly loadNgrok: LoadNgrok;
  readonly phoneDoor: () => string;
  readonly localNetwork: () => readonly string[];
}

export interface ReachabilityStore extends ReachabilitySetup {
  /** The person's own public address, by environment or settings page. */
  readonly ownAddress: () => string | undefined;
  readonly tunnelAtStart: () => boolean;
  readonly runner: () => TunnelRunner;
  readonly findCloudflared: () => Promise<Found>;
  /** `undefined`: there is none. Rejects while it cannot be read. */
  readonly ngrokAuthtoken: () => Promise<string | undefined>;
  /** Takes over what another server saved. */
  readonly refresh: () => void;
}

/** How phones get here, by environment and settings page. Rejects when what was saved cannot be used. */
export async function openReachability(deps: ReachabilityDeps): Promise<ReachabilityStore> {
  const { file, environment, secrets, loadNgrok, phoneDoor, localNetwork } = deps;
  let saved: Saved = file.read() ?? {};

  const findCloudflared = async (): Promise<Found> => {
    if (environment.cloudflared !== undefined) return examine(environment.cloudflared);
    return saved.cloudflared_path === undefined ? locateCloudflared(process.env) : examineChosen(saved.cloudflared_path, process.env);
  };
  const runner = (): TunnelRunner => saved.runner ?? "cloudflared";
  const authtokenStatus = (): ReachabilitySettings["ngrok"]["authtoken"] => ({
    set: environment.ngrokAuthtoken !== undefined || saved.ngrok_authtoken_kept === true,
    locked: environment.ngrokAuthtoken !== undefined,
  });
  const ngrokFailure = async (): Promise<Pick<ReachabilitySettings["ngrok"], "failure">> => {
    if (runner() !== "ngrok") return {};
    const loaded = await loadNgrok();
    if ("failure" in loaded) return { failure: loaded.failure };
    return authtokenStatus().set ? {} : { failure: "ngrok_no_authtoken" };
  };
  const read = async (): Promise<ReachabilitySettings> => {
    const found = await findCloudflared();
    return {
      baseUrl: { value: environment.baseUrl ?? saved.base_url ?? "", locked: environment.baseUrl !== undefined },
      cloudflared: {
        path: { value: environment.cloudflared ?? saved.cloudflared_path ?? "", locked: environment.cloudflared !== undefined },
        ...present({ found: found.file }),
        ...(found.kind === "found" ? {} : { failure: found.kind }),
      },
      runner: runner(),
      ngrok: { authtoken: authtokenStatus(), ...(await ngrokFailure()) },
      tunnelAtStart: saved.tunnel_at_start === true,
      phoneDoor: phoneDoor(),
      localNetwork: localNetwork(),
    };
  };
  /** Two saves at once would each undo a part of the other. */
  const queue = createSerialQueue();
  return {
    ownAddress: () => environment.baseUrl ?? saved.base_url,
    tunnelAtStart: () => saved.tunnel_at_start === true,
    runner,
    findCloudflared,
    async ngrokAuthtoken() {
      if (environment.ngrokAuthtoken !== undefined || saved.ngrok_authtoken_kept !== true) return environment.ngrokAuthtoken;
      const found = await secrets.get("ngrok-authtoken");
      if (found === undefined) throw new PairingError("secrets_unavailable", { params: { reason: "authtoken_gone" } });
      return found;
    },
    refresh() {
      saved = file.read() ?? {};
    },
    read,
    save: async (change) =>
      queue.run(async () => {
        await refuseUnusable(change, environment);
        saved = await saveChange(secrets, file, change);
        if (change.ngrokAuthtoken === "") await secrets.remove("ngrok-authtoken").catch(failSecrets("authtoken_not_removed"));
      }),
  };
}

/** The authtoken is saved before the file names it, and removed after that. Returns what is saved now. */
async function saveChange(secrets: SecretStore, file: SettingsFile<Saved>, change: ReachabilityChange): Promise<Saved> {
  const { ngrokAuthtoken } = change;
  if (ngrokAuthtoken) await secrets.set("ngrok-authtoken", ngrokAuthtoken).catch(failSecrets("authtoken_not_saved"));
  return file.update((latest) => changed(latest ?? {}, change));
}

function failSecrets(reason: "authtoken_not_saved" | "authtoken_not_removed"): (cause: unknown) => never {
  return (cause) => {
    throw new PairingError("secrets_unavailable", { params: { reason, why: messageOf(cause, "") }, cause });
  };
}

async function refuseUnusable(
  { baseUrl, cloudflaredPath: file, ngrokAuthtoken }: ReachabilityChange,
  environment: ReachabilityDeps["environment"],
): Promise<void> {
  const changes = [
    [baseUrl, environment.baseUrl],
    [file, environment.cloudflared],
    [ngrokAuthtoken, environment.ngrokAuthtoken],
  ];
  if (changes.some(([change, locked]) => change !== undefined && locked !== undefined)) throw new PairingError("setting_locked");
  if (file === undefined || file === "") return;
  const found = await examineChosen(file, process.env);
  if (found.kind === "found") return;
  throw new PairingError("tunnel_program_unusable", {
    params: found.kind === "not_installed" ? { reason: "not_found" } : { reason: "unusable", why: say(`tunnel.${found.kind}`) },
  });
}

/** Without the closing dot of a name: `host.` and `host` are the same host, and phones ask for the latter. */
function originOf(address: string): string {
  const url = new URL(address);
  url.hostname = url.hostname.replace(/\.$/, "");
  return url.origin;
}

function changed(saved: Saved, change: ReachabilityChange): Saved {
  const { baseUrl, cloudflaredPath, tunnelAtStart, runner, ngrokAuthtoken } = change;
  const next: Saved = {
    base_url: baseUrl === undefined || baseUrl === "" ? (baseUrl ?? saved.base_url) : originOf(baseUrl),
    cloudflared_path: cloudflaredPath ?? saved.cloudflared_path,
    tunnel_at_start: tunnelAtStart ?? saved.tunnel_at_start,
    runner: runner ?? saved.runner,
    ngrok_authtoken_kept: ngrokAuthtoken === undefined ? saved.ngrok_authtoken_kept : ngrokAuthtoken === "" ? undefined : true,
  };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== "" && value !== undefined));
}
