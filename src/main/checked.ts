import type * as z from "zod";

/** The value as the schema reads it. Throws one sentence with every fault. */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new TypeError(read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
}
