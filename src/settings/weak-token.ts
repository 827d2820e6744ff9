const SHORTEST_TOKEN = 24;
const FEWEST_CHARACTERS = 8;

/** What guides, templates and examples have in its place, in small letters and digits. The setup guide has the first. */
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

/** Why a token could be guessed, as it goes on after its name; `undefined`: it could not, as far as can be seen. */
export function weaknessOf(token: string): string | undefined {
  if (token.length < SHORTEST_TOKEN) return "is short enough to be guessed";
  if (new Set(token).size < FEWEST_CHARACTERS) return "has too few different characters, so it could be guessed";
  const plain = token.toLowerCase().replace(/[^a-z0-9]/g, "");
  // Made at random, a token holds one of these by chance as good as never.
  return SAMPLES.some((sample) => plain.includes(sample)) ? "is made from a known sample, so it could be guessed" : undefined;
}
