import * as z from "zod";

/** RFC 9457: what every refusal looks like on the wire. `detail` is for the person, `code` for programs. */
export const ProblemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    params: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .optional()
      .describe("What `detail` is made of, for writing it in another language: which sentence of the code (`reason`), and its values."),
    details: z
      .object({ provider: z.string(), code: z.string().optional(), reason: z.string() })
      .optional()
      .describe("For text messages: the provider, its own code, and the kind of fault."),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

export type Problem = z.output<typeof ProblemBody>;
