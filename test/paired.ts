/** The answer to a phone that accepted an invite. Throws where somebody has to confirm it first. */
export function paired<Answer extends object>(answer: Answer): Exclude<Answer, { readonly digits: string }> {
  if ("digits" in answer) throw new Error("the phone is not paired yet: somebody has to confirm it");
  return answer as Exclude<Answer, { readonly digits: string }>;
}
