/** The long suite (npm run test:faults) tries every case of a sweep, the ordinary one a sample: the same one in each run. */
export const EVERY_CASE = process.env["EVERY_CASE"] === "1";

/** Each case in the long suite; otherwise each `nth`, and the first and the last, where most faults are. */
export function sampled<T>(cases: readonly T[], nth: number): readonly T[] {
  return EVERY_CASE ? cases : cases.filter((_, index) => index % nth === 0 || index === cases.length - 1);
}
