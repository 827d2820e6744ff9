import leven from "leven";
import { say } from "../words/say.ts";
import { ALL_OPTIONS } from "./options.ts";

const OURS = /^(PAIRING|TOPDOG)_/i;
/** Variables that Kubernetes and Docker make for a service named `pairing` or `topdog`. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)$/;
/** More differences than a typing mistake has. */
const MAX_EDITS = 5;

const KNOWN: readonly string[] = Object.entries(ALL_OPTIONS).flatMap(([name, { secret, orFile }]) =>
  secret || orFile ? [name, `${name}_FILE`] : [name],
);

/** A sentence for each unknown variable that resembles a setting: a misspelled one would be ignored silently. */
export function unknownVariables(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(env)
    .filter((name) => OURS.test(name) && !KNOWN.includes(name) && !SERVICE_LINK.test(name))
    .sort()
    .map((name) => {
      const nearest = nearestTo(name);
      return nearest === undefined ? say("settingRules.unknownVariable", { name }) : say("settingRules.misspelt", { name, nearest });
    });
}

/** Names are compared without their prefix, which all share. */
function nearestTo(name: string): string | undefined {
  const typed = withoutPrefix(name.toUpperCase());
  const [best] = KNOWN.map((known) => ({ known, edits: leven(typed, withoutPrefix(known)) })).sort((one, other) => one.edits - other.edits);
  return best !== undefined && best.edits <= Math.min(MAX_EDITS, Math.ceil(typed.length / 2)) ? best.known : undefined;
}

function withoutPrefix(name: string): string {
  return name.replace(OURS, "");
}
