import type { Instant } from "../../../core/index.ts";

/** Reads the fields of a record, each with a sentence that names the field when it is not of its kind. */

export type Fields = Readonly<Record<string, unknown>>;

/** An item while its record is read, field by field. */
export type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Of an item: the fields of its record that this version does not know. A symbol, so that copies of the item keep them. */
const UNKNOWN = Symbol("fields of a newer version");

/** `item` with the fields of its record that are none of `known`: a newer version wrote them, and finds them again. */
export function withUnknown<Item extends object>(item: Item, record: Fields, known: ReadonlySet<string>): Item {
  let unknown: Record<string, unknown> | undefined;
  for (const name in record) {
    if (known.has(name)) continue;
    unknown ??= {};
    Object.defineProperty(unknown, name, { value: record[name], enumerable: true });
  }
  return unknown === undefined ? item : { ...item, [UNKNOWN]: unknown };
}

/** To be written with the item's own fields. */
export function unknownFields(item: object): Fields | undefined {
  return (item as { readonly [UNKNOWN]?: Fields })[UNKNOWN];
}

export function fields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not a record");
  return value as Fields;
}

export function list(record: Fields, name: string): readonly unknown[] {
  const value = record[name];
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return value;
}

export function whole(record: Fields, name: string): number {
  const value = record[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is not a whole number`);
  return value;
}

export function text(record: Fields, name: string): string {
  const value = record[name];
  if (typeof value !== "string") throw new Error(`${name} is not a text`);
  return value;
}

const MAX_SHARED = 1024;
const shared: string[] = new Array<string>(MAX_SHARED).fill("");

/** Most records have some texts in common, which are kept once then. Comparing two texts takes less than a look into a map. */
export function sharedText(record: Fields, name: string): string {
  const value = text(record, name);
  const { length } = value;
  if (length < 2) return value;
  const place = (length * 31 + value.charCodeAt(length - 1) * 17 + value.charCodeAt(length - 2)) % MAX_SHARED;
  const known = shared[place];
  if (known === value) return known;
  shared[place] = value;
  return value;
}

export function oneOf<const Word extends string>(record: Fields, name: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === record[name]);
  if (word === undefined) throw new Error(`${name} is none of ${words.join(", ")}`);
  return word;
}

/** All words of a type: the compiler names one that is missing. */
export function wordsOf<Word extends string>(words: Readonly<Record<Word, true>>): readonly Word[] {
  return Object.keys(words) as Word[];
}

export function time(record: Fields, name: string): Instant {
  return instant(record[name], name);
}

export function instant(value: unknown, name: string): Instant {
  const at = typeof value === "string" ? parseTime(value) : Number.NaN;
  if (Number.isNaN(at)) throw new Error(`${name} is not a time`);
  return at;
}

const ZERO = 48;
let lastDay = { text: "", at: 0 };

/** As `Date.parse`, which takes several times as long for the form that `iso` writes. */
function parseTime(text: string): Instant {
  if (text.length !== 24 || text[10] !== "T" || text[13] !== ":" || text[16] !== ":" || text[19] !== "." || text[23] !== "Z")
    return Date.parse(text);
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  const seconds = twoDigits(text, 17);
  const hundredths = twoDigits(text, 20);
  const thousandth = text.charCodeAt(22) - ZERO;
  // A comparison with NaN is false.
  const isPlain = hours < 24 && minutes < 60 && seconds < 60 && hundredths < 100 && thousandth >= 0 && thousandth < 10;
  if (!isPlain) return Date.parse(text);
  if (!text.startsWith(lastDay.text) || lastDay.text === "") {
    const day = text.slice(0, 10);
    lastDay = { text: day, at: Date.parse(`${day}T00:00:00.000Z`) };
  }
  return lastDay.at + ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10 + thousandth;
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens < 10 && ones >= 0 && ones < 10 ? tens * 10 + ones : Number.NaN;
}

export function optional<Key extends string, Value>(
  key: Key,
  record: Fields,
  name: string,
  read: (record: Fields, name: string) => Value,
): { readonly [K in Key]?: Value } {
  return record[name] === undefined ? {} : ({ [key]: read(record, name) } as { readonly [K in Key]: Value });
}

export function iso(at: Instant): string {
  return new Date(at).toISOString();
}

export function maybeIso(at: Instant | undefined): string | undefined {
  return at === undefined ? undefined : iso(at);
}
