import { homedir } from "node:os";
import { SMS_PROVIDERS } from "../../adapters/sms/providers/index.ts";
import { maskPhoneNumber } from "../../host/inspect-host.ts";
import { ALL_OPTIONS } from "../../settings/options.ts";
import { secretInFile } from "../../settings/read-option.ts";

/** Shorter secrets would redact parts of harmless words. */
const MIN_SECRET_LENGTH = 6;
/** Variables of other programs, and settings that are secret only here. */
const HIDDEN_AS_WELL = [
  "AWS_SESSION_TOKEN",
  ...SMS_PROVIDERS.flatMap(({ fields }) => fields.filter(({ secret, personal }) => secret !== undefined || personal)).map(
    ({ variable }) => variable,
  ),
];
/** Device tokens, private keys, and the codes and tokens of links. */
const SHAPES = [
  /eyJ[\w-]{6,}\.eyJ[\w-]{6,}\.[\w-]*/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=[?&](?:code|token|otp)=)[\w-]+/g,
  /(?<![\w-])[\w-]{43}(?![\w-])/g,
] as const;
const IN_ADDRESS = /(?<=\/\/)[^\s/@"]+@/g;
/** However it is spelled. */
const PHONE_NUMBER = /\+[1-9](?:[ ().-]{0,2}\d){6,14}(?!\d)/g;

/**
 * Returns a function that makes a text safe to publish: no secret of the environment or its files, no token, no complete phone number,
 * and `~` for the home folder.
 */
export function redactionFor(env: NodeJS.ProcessEnv): (text: string) => string {
  const secrets = secretsOf(env).sort((one, other) => other.length - one.length);
  const homes = homesOf(env);
  return (text) => {
    let shown = text;
    for (const secret of secrets) shown = shown.replaceAll(secret, "…");
    for (const shape of SHAPES) shown = shown.replace(shape, "…");
    shown = shown.replace(IN_ADDRESS, "…@").replace(PHONE_NUMBER, (number) => maskPhoneNumber(number.replace(/[^+\d]/g, "")));
    for (const home of homes) shown = shown.replaceAll(home, "~");
    return shown;
  };
}

function secretsOf(env: NodeJS.ProcessEnv): string[] {
  const names = [
    ...Object.entries(ALL_OPTIONS)
      .filter(([, { secret }]) => secret)
      .map(([name]) => name),
    ...HIDDEN_AS_WELL,
  ];
  const texts = [...new Set(names)].flatMap((name) => [
    env[name] ?? "", // What cannot be read here cannot be shown.
    secretInFile(env, name, () => undefined) ?? "",
  ]);
  return texts.map((text) => text.trim()).filter((text) => text.length >= MIN_SECRET_LENGTH);
}

function homesOf(env: NodeJS.ProcessEnv): readonly string[] {
  let own: string | undefined;
  try {
    own = homedir();
  } catch {
    // An account without a home has none to hide.
  }
  const homes = [env["HOME"], env["USERPROFILE"], own].filter((home) => home !== undefined && home.length > 1);
  return [...new Set(homes as string[])].sort((one, other) => other.length - one.length);
}
