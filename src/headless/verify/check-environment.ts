import { SMS_PROVIDERS } from "../../adapters/sms/providers/index.ts";
import type { SmsProvider } from "../../adapters/sms/providers/provider.ts";
import { isGiven, secretInFile } from "../../settings/read-option.ts";
import type { Settings } from "../../settings/read-settings.ts";
import { say } from "../../words/say.ts";
import { RowFailure, type VerifiedServer } from "./server.ts";

/**
 * The guide's production variables (its ConfigMap and Secret) and the storage folder, none of which may be left to a default.
 * Whether their values protect the server is checked by the other rows, at the running server.
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

/** At least one of the lists is set completely. */
type Choice = readonly (readonly string[])[];
/** The variables that set up a provider. */
function choicesOf({ fields, needs, variables }: SmsProvider): readonly Choice[] {
  const variable = (name: string): string => fields.find((field) => field.name === name)?.variable ?? name;
  return variables ?? needs.map(({ anyOf }) => anyOf.map((names) => names.map(variable)));
}
const OWN_VARIABLES: readonly string[] = SMS_PROVIDERS.filter(({ variables }) => variables === undefined).flatMap((one) =>
  choicesOf(one).flat(2),
);

/** The text of this project's templates and of the guide's. */
const PLACEHOLDER = /^REPLACE-ME|^ACx+$|^your_auth_token/;

/** Row 8: whether this environment has the variables of the guide's ConfigMap and Secret, all valid, and is the running server's. */
export async function checkEnvironment(
  env: NodeJS.ProcessEnv,
  { settings, faults }: { readonly settings: Settings; readonly faults: readonly string[] },
  server: VerifiedServer,
): Promise<string> {
  const given = (name: string): boolean => textOf(env, name) !== "";
  const wrong = [
    ...REQUIRED.filter((name) => !given(name)).map((name) => say("verify.missing", { name })),
    ...providerFaults(settings.sms.wanted, given),
    ...[...REQUIRED, ...OWN_VARIABLES]
      .filter((name) => PLACEHOLDER.test(textOf(env, name)))
      .map((name) => say("verify.placeholder", { name })),
    ...faults,
    ...(settings.adminTokenWeak === undefined ? [] : [say("verify.weakToken", { why: settings.adminTokenWeak })]),
    ...(settings.baseUrl !== undefined && !settings.baseUrl.startsWith("https:") ? [say("verify.notHttps")] : []),
    ...(await differences(settings, server)),
  ];
  if (wrong.length === 0) return say("verify.environmentOk");
  throw new RowFailure(`${wrong.join("; ")}.`, say("verify.environmentTodo"));
}

function providerFaults(wanted: Settings["sms"]["wanted"], given: (name: string) => boolean): readonly string[] {
  if (wanted === "mock") return [say("verify.mock")];
  const lacking = (choices: readonly Choice[]): readonly string[] =>
    choices
      .filter((choice) => !choice.some((names) => names.every(given)))
      .map((choice) => say("verify.missing", { name: inWords(choice) }));
  const seen = SMS_PROVIDERS.map((one) => ({ one, all: choicesOf(one).length, left: lacking(choicesOf(one)) }));
  const named = seen.find(({ one }) => one.id === wanted);
  if (named) return named.left;
  if (seen.some(({ left }) => left.length === 0)) return [];
  // The first provider that is set up in part.
  const begun = seen.find(({ all, left }) => left.length < all);
  return begun?.left ?? [say("verify.missingProvider", { missing: seen[0]?.left.join("; ") ?? "" })];
}

function inWords(choice: Choice): string {
  return choice
    .map((names) => names.reduce((first, second) => say("verify.with", { first, second })))
    .reduce((first, second) => say("verify.or", { first, second }));
}

/** A variable, or the content of the file that `<NAME>_FILE` names for a secret; empty where there is neither. */
function textOf(env: NodeJS.ProcessEnv, name: string): string {
  // The settings' faults include a file that cannot be read.
  return isGiven(env[name]) ? env[name].trim() : (secretInFile(env, name, () => undefined) ?? "");
}

/** The variables that differ from the running server's. A server that does not show its settings counts as one fault. */
async function differences(settings: Settings, server: VerifiedServer): Promise<readonly string[]> {
  const overview = await server.call("overview", {}).catch((cause: unknown) => {
    if (cause instanceof RowFailure) return cause.message;
    throw cause;
  });
  if (typeof overview === "string") return [say("verify.serverClosed", { why: overview.replace(/\.$/, "") })];
  const differs = (name: string, here: unknown, there: unknown): readonly string[] =>
    here === there ? [] : [say("verify.differs", { name, here: String(here), there: String(there) })];
  return [
    ...(settings.baseUrl === undefined ? [] : differs("PAIRING_BASE_URL", settings.baseUrl, overview.base_url)),
    ...differs("PAIRING_INVITE_EXPIRY_MINUTES", settings.inviteMinutes, overview.invite_minutes),
    ...(overview.sms_provider === "mock" ? [say("verify.serverMock")] : []),
    ...differs("PHONE_DEVICES_REQUIRE_ADMIN", settings.adminRequired, overview.admin_required),
  ];
}
