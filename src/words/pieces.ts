/** A sentence in pieces, with `parts` where it has `{{gaps}}`: for elements, which keep names and numbers apart from the text. */
export function piecesOf<Part>(sentence: string, parts: Readonly<Record<string, Part>>): readonly (string | Part | undefined)[] {
  // Every second piece is the name of a gap.
  return sentence.split(/\{\{(\w+)\}\}/).map((piece, index) => (index % 2 === 0 ? piece : parts[piece]));
}
