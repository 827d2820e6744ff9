import { homedir } from "node:os";
import path from "node:path";
import { present } from "../base/present.ts";
import { say } from "../words/say.ts";

/** The AWS settings of the environment. The SDK's own loader reads the files. */
export interface AwsFound {
  readonly region?: string;
  /** The source of the credentials, for people. Absent: the environment has none. */
  readonly source?: string;
  /** Set when they are in the environment itself. */
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** AWS_ENDPOINT_URL_SNS or AWS_ENDPOINT_URL. */
  readonly endpoint?: string;
  readonly files: { readonly profile: string; readonly credentialsFile: string; readonly configFile: string };
}

/** In the order of the AWS SDK. */
export function findAws(env: NodeJS.ProcessEnv): AwsFound {
  const variable = (name: string): string | undefined => env[name] || undefined;
  const home = variable("HOME") ?? variable("USERPROFILE") ?? safeHome();
  const region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION");
  const endpoint = variable("AWS_ENDPOINT_URL_SNS") ?? variable("AWS_ENDPOINT_URL");
  return {
    ...present({ region, endpoint }),
    ...sourceOf(variable),
    files: {
      profile: variable("AWS_PROFILE") ?? "default",
      credentialsFile: variable("AWS_SHARED_CREDENTIALS_FILE") ?? path.join(home, ".aws", "credentials"),
      configFile: variable("AWS_CONFIG_FILE") ?? path.join(home, ".aws", "config"),
    },
  };
}

function sourceOf(variable: (name: string) => string | undefined): Pick<AwsFound, "source" | "keys"> {
  // The SDK prefers a named profile to keys in the environment.
  if (variable("AWS_PROFILE") !== undefined) return {};
  const [accessKeyId, secretAccessKey, sessionToken] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(variable);
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const keys = { accessKeyId, secretAccessKey, ...present({ sessionToken }) };
    return { source: say("sms.awsEnvironment", { variable: "AWS_ACCESS_KEY_ID" }), keys };
  }
  if (variable("AWS_WEB_IDENTITY_TOKEN_FILE") !== undefined && variable("AWS_ROLE_ARN") !== undefined) {
    return { source: say("sms.awsEnvironment", { variable: "AWS_ROLE_ARN" }) };
  }
  if (variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") !== undefined || variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") !== undefined) {
    return { source: say("sms.awsContainer", { variable: "AWS_CONTAINER_CREDENTIALS" }) };
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
