import { homedir } from "node:os";
import path from "node:path";
import { present } from "../base/present.ts";

/** What the environment says of AWS. Its files are read by the SDK's own loader, when it is known where they are. */
export interface AwsFound {
  readonly region?: string;
  /** Where the credentials are, for people. Absent: the environment has none. */
  readonly source?: string;
  /** Set when they are in the environment itself. */
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** AWS_ENDPOINT_URL_SNS or AWS_ENDPOINT_URL. */
  readonly endpoint?: string;
  readonly files: { readonly profile: string; readonly credentialsFile: string; readonly configFile: string };
}

/** By the order of the AWS SDK. */
export function findAws(env: NodeJS.ProcessEnv): AwsFound {
  const said = (name: string): string | undefined => env[name] || undefined;
  const home = said("HOME") ?? said("USERPROFILE") ?? safeHome();
  const region = said("AWS_REGION") ?? said("AWS_DEFAULT_REGION");
  const endpoint = said("AWS_ENDPOINT_URL_SNS") ?? said("AWS_ENDPOINT_URL");
  return {
    ...present({ region, endpoint }),
    ...sourceOf(said),
    files: {
      profile: said("AWS_PROFILE") ?? "default",
      credentialsFile: said("AWS_SHARED_CREDENTIALS_FILE") ?? path.join(home, ".aws", "credentials"),
      configFile: said("AWS_CONFIG_FILE") ?? path.join(home, ".aws", "config"),
    },
  };
}

function sourceOf(said: (name: string) => string | undefined): Pick<AwsFound, "source" | "keys"> {
  // The SDK takes a profile that is named, whatever keys are beside it.
  if (said("AWS_PROFILE") !== undefined) return {};
  const [accessKeyId, secretAccessKey, sessionToken] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(said);
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const keys = { accessKeyId, secretAccessKey, ...present({ sessionToken }) };
    return { source: "the environment (AWS_ACCESS_KEY_ID)", keys };
  }
  if (said("AWS_WEB_IDENTITY_TOKEN_FILE") !== undefined && said("AWS_ROLE_ARN") !== undefined) {
    return { source: "the environment (AWS_ROLE_ARN)" };
  }
  if (said("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") !== undefined || said("AWS_CONTAINER_CREDENTIALS_FULL_URI") !== undefined) {
    return { source: "the container (AWS_CONTAINER_CREDENTIALS)" };
  }
  return {};
}

function safeHome(): string {
  try {
    return homedir();
  } catch {
    return path.sep;
  }
}
