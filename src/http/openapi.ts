import type * as z from "zod";
import { createDocument } from "zod-openapi";
import { present } from "../base/present.ts";
import { callerErrors, OPERATIONS, type Operation } from "../contract/operations.ts";
import { ProblemBody } from "../contract/problem.ts";
import type { PairingErrorCode } from "../core/index.ts";
import { STATUS_OF } from "../operations/problem.ts";
import { errors } from "../words/en/errors.ts";
import { errorSentence } from "../words/error-sentence.ts";

/** OpenAPI 3.1 of every operation, made from the schemas that read the requests. */
export function openApiDocument(version: string): ReturnType<typeof createDocument> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, operation] of Object.entries(OPERATIONS) as [string, Operation][]) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(name, operation) };
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Top Dog Phone Pairing",
      version,
      description:
        "Pair a phone by text message. The local door serves every operation, to this computer alone; operations tagged `phone door` are also served to phones, through a tunnel.",
    },
    tags: [
      { name: "phone door", description: "Served to phones too." },
      { name: "local door", description: "Served to this computer only." },
    ],
    components: {
      securitySchemes: {
        deviceToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        localKey: {
          type: "apiKey",
          in: "header",
          name: "x-local-key",
          description: "The content of local_key in the storage folder. On Linux, programs of the server's account need none.",
        },
        windowKey: {
          type: "apiKey",
          in: "header",
          name: "x-window-key",
          description: "What a settings page gets from POST /admin/session.",
        },
        adminToken: { type: "apiKey", in: "header", name: "x-admin-token", description: "May do everything that a window may." },
      },
    },
    paths,
  });
}

const SECURITY_OF = {
  anonymous: undefined,
  local: [{ localKey: [] }, { windowKey: [] }, { adminToken: [] }],
  window: [{ windowKey: [] }, { adminToken: [] }],
  phone: [{ deviceToken: [] }],
} as const;

const NEXT_PAGE = {
  Link: { description: 'With limit: <…>; rel="next", the address of the next page; absent on the last.', schema: { type: "string" } },
} as const;

function describe(name: string, operation: Operation): Record<string, unknown> {
  const json = (schema: z.ZodType) => ({ "application/json": { schema } });
  return {
    operationId: name,
    summary: operation.summary,
    tags: [operation.door === "phone" ? "phone door" : "local door"],
    ...present({ security: SECURITY_OF[operation.caller] }),
    requestParams: present({ path: operation.params, query: operation.query }),
    ...present({ requestBody: operation.body && { required: true, content: bodyOf(operation, operation.body) } }),
    responses: {
      ...(operation.status === 204
        ? { 204: { description: "Taken" } }
        : { 200: { description: "Done", content: json(operation.answer), ...(operation.pages === "link" ? { headers: NEXT_PAGE } : {}) } }),
      ...(operation.later ? { 202: { description: "Not yet", content: json(operation.later) } } : {}),
      ...errorAnswers(operation),
    },
  };
}

function bodyOf({ encoding }: Operation, schema: z.ZodType): Record<string, { readonly schema: z.ZodType }> {
  return { [encoding === "form" ? "application/x-www-form-urlencoded" : "application/json"]: { schema } };
}

function errorAnswers(operation: Operation): Record<string, unknown> {
  const byStatus = new Map<number, string[]>();
  const codes = [
    "invalid_request",
    ...callerErrors(operation),
    ...operation.errors,
    ...(operation.method === "GET" ? [] : ["storage_unavailable"]),
  ] as PairingErrorCode[];
  for (const code of codes)
    byStatus.set(STATUS_OF[code], [...(byStatus.get(STATUS_OF[code]) ?? []), `\`${code}\`: ${errorSentence(errors[code])}`]);
  return Object.fromEntries(
    [...byStatus].map(([status, sentences]) => [
      status,
      { description: sentences.join("\n\n"), content: { "application/problem+json": { schema: ProblemBody } } },
    ]),
  );
}
