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
  if (token.length < SHORTEST_TOKEN) return "is short enough to be guessed";
  if (new Set(token).size < FEWEST_CHARACTERS) return "has too few different characters, so it could be guessed";
  const plain = token.toLowerCase().replace(/[^a-z0-9]/g, "");
  // A random token practically never contains one of these.
  return SAMPLES.some((sample) => plain.includes(sample)) ? "is made from a known sample, so it could be guessed" : undefined;
}
