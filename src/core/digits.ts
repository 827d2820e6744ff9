/** The digits of every script as 0 to 9, as phones and keyboards in Arabic, Hindi, Bengali, Thai and other languages type them. */
export function asciiDigits(text: string): string {
  return text.normalize("NFKC").replace(/\p{Nd}/gu, digitOf);
}

/** Unicode encodes the ten digits of a script in order and without a gap, so a digit's offset is its value. */
function digitOf(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(codePoint - before - 1))) before += 1;
  return String(before % 10);
}
