import { say } from "../words/say.ts";

const SHORTEST_TOKEN = 24;
const FEWEST_CHARACTERS = 8;

/** Sample tokens of guides, templates and examples, reduced to lower-case letters and digits. The setup guide has the first. */
const SAMPLES = [
  "supersecretadmin",
  "supersecret",
  "changeme",
  "replaceme",
  "admintoken",
  "youradmin",
  "yoursecret",
  "password",
  "example",
  "longrandom",
];

/** Why a token can be guessed, as the end of a sentence; `undefined`: no reason found. */
export function weaknessOf(token: string): string | undefined {
  if (token.length < SHORTEST_TOKEN) return say("settingRules.tokenShort");
  if (new Set(token).size < FEWEST_CHARACTERS) return say("settingRules.tokenMonotonous");
  const plain = token.toLowerCase().replace(/[^a-z0-9]/g, "");
  // A random token practically never contains one of these.
  return SAMPLES.some((sample) => plain.includes(sample)) ? say("settingRules.tokenSample") : undefined;
}
