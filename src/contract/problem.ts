import * as z from "zod";
import type { DoorAnswer } from "./call.ts";
import type { Operation } from "./operations.ts";

/** RFC 9457: the form of every error on the wire. `detail` is for the person, `code` for programs. */
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
    request_id: z.string().optional().describe("The request's id, as in the header `X-Request-Id` and in the server's log."),
  })
  .meta({ id: "Problem" });

export type Problem = z.output<typeof ProblemBody>;

type Outcome =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "unknown" };

/** What an answer means to who speaks this version of the contract. `unknown`: something else answered, or another version. */
export function outcomeOf(operation: Operation, { status, body }: DoorAnswer): Outcome {
  if (status >= 200 && status < 300) {
    const answer = (status === 202 && operation.later ? operation.later : operation.answer).safeParse(body);
    return answer.success ? { kind: "done", value: answer.data } : { kind: "unknown" };
  }
  const problem = ProblemBody.safeParse(body);
  return problem.success ? { kind: "refused", problem: problem.data } : { kind: "unknown" };
}
