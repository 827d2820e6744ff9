import * as z from "zod";

/** RFC 9457: the form of every error on the wire. `detail` is for the person, `code` for programs. */
export const ProblemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    details: z
      .object({ provider: z.string(), code: z.string().optional(), reason: z.string() })
      .optional()
      .describe("For text messages: the provider, its own code, and the kind of fault."),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

export type Problem = z.output<typeof ProblemBody>;
