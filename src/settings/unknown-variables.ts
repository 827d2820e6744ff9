import leven from "leven";
import { ALL_OPTIONS } from "./options.ts";

const OURS = /^(PAIRING|TOPDOG)_/i;
/** Variables that Kubernetes and Docker make for a service named `pairing` or `topdog`. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)$/;
/** More differences than a slip of the fingers makes. */
const MAX_EDITS = 5;

const KNOWN: readonly string[] = Object.entries(ALL_OPTIONS).flatMap(([name, { secret, orFile }]) =>
  secret || orFile ? [name, `${name}_FILE`] : [name],
);

/** A sentence for each variable that looks like a setting and is none: a misspelled one would be ignored without a word. */
export function unknownVariables(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(env)
    .filter((name) => OURS.test(name) && !KNOWN.includes(name) && !SERVICE_LINK.test(name))
    .sort()
    .map((name) => {
      const nearest = nearestTo(name);
      return `${name} is not a setting and is ignored.${nearest === undefined ? " docs/configuration.md lists all of them." : ` Did you mean ${nearest}?`}`;
    });
}

/** Names are compared without their prefix: `PAIRING_` in common says nothing. */
function nearestTo(name: string): string | undefined {
  const typed = withoutPrefix(name.toUpperCase());
  const [best] = KNOWN.map((known) => ({ known, edits: leven(typed, withoutPrefix(known)) })).sort((one, other) => one.edits - other.edits);
  return best !== undefined && best.edits <= Math.min(MAX_EDITS, Math.ceil(typed.length / 2)) ? best.known : undefined;
}

function withoutPrefix(name: string): string {
  return name.replace(OURS, "");
}
