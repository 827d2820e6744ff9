import { SMS_PROVIDERS } from "../../adapters/sms/providers/index.ts";
import type { SmsProvider } from "../../adapters/sms/providers/provider.ts";
import { isGiven, secretInFile } from "../../settings/read-option.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { RowFault } from "./row.ts";
import type { VerifiedServer } from "./verified-server.ts";

/**
 * The guide's production variables (its ConfigMap and Secret), and where the data lies: what a server must not be left to guess.
 * Whether their values protect is for the other rows to see at the running server.
 */
const REQUIRED = [
  "PAIRING_BASE_URL",
  "PAIRING_INVITE_EXPIRY_MINUTES",
  "PAIRING_STORAGE_PATH",
  "PHONE_DEVICES_REQUIRE_ADMIN",
  "ADMIN_TOKEN",
  "PAIRING_QR_REQUIRE_OTP",
  "PAIRING_QR_EMBED_OTP",
] as const;

/** All of one list, at least. */
type Choice = readonly (readonly string[])[];
/** The variables by which an environment sets a provider up. */
function choicesOf({ fields, needs, variables }: SmsProvider): readonly Choice[] {
  const variable = (name: string): string => fields.find((field) => field.name === name)?.variable ?? name;
  return variables ?? needs.map(({ anyOf }) => anyOf.map((names) => names.map(variable)));
}
const OWN_VARIABLES: readonly string[] = SMS_PROVIDERS.filter(({ variables }) => variables === undefined).flatMap((one) =>
  choicesOf(one).flat(2),
);

/** What templates hold, this project's and the guide's. */
const PLACEHOLDER = /^REPLACE-ME|^ACx+$|^your_auth_token/;

/** Whether this environment has what the guide's ConfigMap and Secret hold, is free of faults, and is the running server's. */
export async function checkEnvironment(
  env: NodeJS.ProcessEnv,
  { settings, faults }: { readonly settings: Settings; readonly faults: readonly string[] },
  server: VerifiedServer,
): Promise<string> {
  const given = (name: string): boolean => textOf(env, name) !== "";
  const wanting = [
    ...REQUIRED.filter((name) => !given(name)).map((name) => `${name} is missing`),
    ...providerFaults(settings.sms.wanted, given),
    ...[...REQUIRED, ...OWN_VARIABLES]
      .filter((name) => PLACEHOLDER.test(textOf(env, name)))
      .map((name) => `${name} still holds the template's text`),
    ...faults,
    ...(settings.adminTokenWeak === undefined ? [] : [`ADMIN_TOKEN ${settings.adminTokenWeak}`]),
    ...(settings.baseUrl !== undefined && !settings.baseUrl.startsWith("https:") ? ["PAIRING_BASE_URL is not an https address"] : []),
    ...(await differences(settings, server)),
  ];
  if (wanting.length === 0) return "All variables of the guide's ConfigMap and Secret are set, and the running server has the same.";
  throw new RowFault(
    `${wanting.join("; ")}.`,
    "Put them right in the ConfigMap, the Secret or the service's environment, restart the server, and run verify with the same environment.",
  );
}

function providerFaults(wanted: Settings["sms"]["wanted"], given: (name: string) => boolean): readonly string[] {
  if (wanted === "mock") return ["SMS_PROVIDER is mock, which sends no text message"];
  const lacking = (choices: readonly Choice[]): readonly string[] =>
    choices.filter((choice) => !choice.some((names) => names.every(given))).map((choice) => `${inWords(choice)} is missing`);
  const seen = SMS_PROVIDERS.map((one) => ({ one, all: choicesOf(one).length, left: lacking(choicesOf(one)) }));
  const named = seen.find(({ one }) => one.id === wanted);
  if (named) return named.left;
  if (seen.some(({ left }) => left.length === 0)) return [];
  // Somebody has begun with one of them, by their order.
  const begun = seen.find(({ all, left }) => left.length < all);
  const [first] = seen;
  return begun?.left ?? [`${first?.left.join("; ") ?? ""} (or another provider's variables)`];
}

function inWords(choice: Choice): string {
  return choice.map((names) => names.join(" with ")).join(" or ");
}

/** A variable, or for a secret the file that `<NAME>_FILE` names; empty where there is neither. */
function textOf(env: NodeJS.ProcessEnv, name: string): string {
  // Why a file cannot be used is among the settings' faults.
  return isGiven(env[name]) ? env[name].trim() : (secretInFile(env, name, () => undefined) ?? "");
}

/** Where the running server was started with something else. A server that does not say so is one fault. */
async function differences(settings: Settings, server: VerifiedServer): Promise<readonly string[]> {
  const overview = await server.call("overview", {}).catch((cause: unknown) => {
    if (cause instanceof RowFault) return cause.message;
    throw cause;
  });
  if (typeof overview === "string") return [`the running server does not say what it has: ${overview.replace(/\.$/, "")}`];
  const differs = (name: string, here: unknown, there: unknown): readonly string[] =>
    here === there ? [] : [`${name} is ${String(here)} here and ${String(there)} in the running server`];
  return [
    ...(settings.baseUrl === undefined ? [] : differs("PAIRING_BASE_URL", settings.baseUrl, overview.base_url)),
    ...differs("PAIRING_INVITE_EXPIRY_MINUTES", settings.inviteMinutes, overview.invite_minutes),
    ...(overview.sms_provider === "mock" ? ["the running server is in mock mode and sends no text message"] : []),
    ...differs("PHONE_DEVICES_REQUIRE_ADMIN", settings.adminRequired, overview.admin_required),
  ];
}
