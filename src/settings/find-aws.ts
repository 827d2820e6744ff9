import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** What the environment and AWS's own files say. Read without a single question to the network, in milliseconds. */
export interface AwsFound {
  readonly region?: string;
  /** The region is in the environment, which wins over the settings page; a profile's does not. */
  readonly regionInEnvironment: boolean;
  /** Where the credentials are, for people. Absent: there are none. */
  readonly source?: string;
  /** Set when they are in a profile. */
  readonly profile?: string;
  /** Set when they are in the environment itself. */
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** AWS_ENDPOINT_URL_SNS or AWS_ENDPOINT_URL. */
  readonly endpoint?: string;
}

type Section = Readonly<Record<string, string>>;

/** Whether and where AWS is configured, by the order of the AWS SDK. */
export function findAws(env: NodeJS.ProcessEnv): AwsFound {
  const said = (name: string): string | undefined => env[name] || undefined;
  const profile = said("AWS_PROFILE") ?? "default";
  const home = said("HOME") ?? said("USERPROFILE") ?? safeHome();
  const credentials = sectionOf(said("AWS_SHARED_CREDENTIALS_FILE") ?? path.join(home, ".aws", "credentials"), profile);
  const config = sectionOf(said("AWS_CONFIG_FILE") ?? path.join(home, ".aws", "config"), profile);
  const regionSaid = said("AWS_REGION") ?? said("AWS_DEFAULT_REGION");
  const region = regionSaid ?? config?.["region"] ?? credentials?.["region"];
  const endpoint = said("AWS_ENDPOINT_URL_SNS") ?? said("AWS_ENDPOINT_URL");
  return {
    ...(region === undefined ? {} : { region }),
    regionInEnvironment: regionSaid !== undefined,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...sourceOf(said, profile, credentials, config),
  };
}

function sourceOf(
  said: (name: string) => string | undefined,
  profile: string,
  credentials: Section | undefined,
  config: Section | undefined,
): Pick<AwsFound, "source" | "profile" | "keys"> {
  const [accessKeyId, secretAccessKey, sessionToken] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(said);
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const keys = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    return { source: "the environment (AWS_ACCESS_KEY_ID)", keys };
  }
  if (said("AWS_WEB_IDENTITY_TOKEN_FILE") !== undefined && said("AWS_ROLE_ARN") !== undefined) {
    return { source: "the environment (AWS_ROLE_ARN)" };
  }
  if (said("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") !== undefined || said("AWS_CONTAINER_CREDENTIALS_FULL_URI") !== undefined) {
    return { source: "the container (AWS_CONTAINER_CREDENTIALS)" };
  }
  const inFiles =
    (credentials?.["aws_access_key_id"] ?? config?.["aws_access_key_id"]) !== undefined ||
    ["sso_session", "sso_start_url", "role_arn", "credential_process"].some((key) => config?.[key] !== undefined);
  return inFiles ? { source: `the AWS profile "${profile}"`, profile } : {};
}

/** One profile of an AWS file; `undefined` when there is no such file or profile. */
function sectionOf(file: string, profile: string): Section | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  let inside = false;
  let found: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, header] = /^\s*\[(?:profile\s+)?([^\]]+)\]/.exec(line) ?? [];
    if (header !== undefined) {
      inside = header.trim() === profile;
      if (inside) found ??= {};
      continue;
    }
    const [, key, value] = /^([A-Za-z0-9_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (inside && found && key !== undefined && value !== undefined && value !== "") found[key.toLowerCase()] = value;
  }
  return found;
}

function safeHome(): string {
  try {
    return homedir();
  } catch {
    return path.sep;
  }
}
