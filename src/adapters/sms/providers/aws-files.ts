import { existsSync } from "node:fs";
import { present } from "../../../base/present.ts";

export interface AwsInEnvironment {
  readonly region?: string;
  readonly source?: string;
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly endpoint?: string;
  /** Where AWS's own files are, and which of their profiles counts. */
  readonly files: { readonly profile: string; readonly credentialsFile: string; readonly configFile: string };
}

/** What AWS's files say of the chosen profile. */
interface AwsProfile {
  readonly region?: string;
  /** It holds credentials, or says where they come from. */
  readonly usable: boolean;
}

/** Keys of which one is enough for the SDK to look for credentials that way (its `resolveProfileData`). */
const WAYS: readonly (readonly string[])[] = [
  ["aws_access_key_id", "aws_secret_access_key"],
  ["role_arn"],
  ["credential_process"],
  ["sso_session"],
  ["sso_start_url"],
  ["login_session"],
];

/** Reads AWS's files by the SDK's own loader, so that a profile means here what it means to the SDK that sends. */
export async function readAwsProfile({ profile, credentialsFile, configFile }: AwsInEnvironment["files"]): Promise<AwsProfile> {
  // Most people have none, and the loader takes a while to load.
  if (!existsAt(credentialsFile) && !existsAt(configFile)) return { usable: false };
  const { loadSharedConfigFiles } = await import("@smithy/core/config");
  const files = await loadSharedConfigFiles({ filepath: credentialsFile, configFilepath: configFile, ignoreCache: true });
  const section: Readonly<Record<string, string | undefined>> = { ...files.configFile[profile], ...files.credentialsFile[profile] };
  const region = files.configFile[profile]?.["region"] ?? section["region"];
  const usable = WAYS.some((keys) => keys.every((key) => section[key] !== undefined));
  return { ...present({ region }), usable };
}

/** The loader itself follows `~/`. */
function existsAt(file: string): boolean {
  return file.startsWith("~/") || existsSync(file);
}
