import type * as z from "zod";
import { callerErrors, OPERATIONS, type Operation } from "../src/contract/operations.ts";
import type { PairingErrorCode } from "../src/core/index.ts";
import { HTTP_STATUS_OF, type HttpErrorCode } from "../src/http/http-error.ts";
import { STATUS_OF } from "../src/operations/problem.ts";
import { type Option, textsOf } from "../src/settings/option.ts";
import { ALL_OPTIONS } from "../src/settings/options.ts";
import { type ErrorRow, errors, httpErrors } from "../src/words/en/errors.ts";
import { smsFailures } from "../src/words/en/sms-failures.ts";
import type { Message } from "../src/words/message.ts";

const NOTE = "<!-- Written by `npm run docs` from the source. Change the source, not this page. -->";

/** Pages that the source writes: file name → text. `npm run check` compares them with what is committed. */
export function docsPages(): Record<string, string> {
  return { "api.md": apiPage(), "configuration.md": configurationPage(), "errors.md": errorsPage() };
}

function configurationPage(): string {
  const rows = Object.entries(ALL_OPTIONS).map(([name, option]) => {
    const { description, defaultText } = textsOf(name, option);
    return `| \`${name}\`${option.secret ? ` (secret; also as \`${name}_FILE\`)` : option.orFile ? ` (also as \`${name}_FILE\`)` : ""} | ${cell(defaultText || "none")} | ${onPage(option)} | ${cell(description)} |`;
  });
  return page("Configuration", [
    "Every setting, for everybody who runs Top Dog. Settings are environment variables. An empty variable counts as not set. Switches take `1/true/yes/on` and `0/false/no/off`. A wrong value stops the start, and all faults are named at once.",
    "Where the third column has a word, a setting that the environment leaves open can be changed under **Settings** on the settings page, in the desktop app and in a browser alike. The word says when the change is used; the desktop app offers the restart that some need. It is saved in `settings.json` in the storage folder, under the same names; the environment wins over it, and is shown as locked. Text messages and phone reachability have cards of their own. Scripts use `GET` and `PATCH /admin/settings`.",
    "Secrets are never in `settings.json`. A damaged `settings.json` stops the start with one sentence and is left as it is; the desktop app shows that sentence in its window, with a way back.",
    ["| variable | default | changed on the page, used | meaning |", "|---|---|---|---|", ...rows].join("\n"),
  ]);
}

function onPage({ group, restart }: Option): string {
  if (group === undefined) return "–";
  return restart ? "after a restart" : "at once";
}

function errorsPage(): string {
  return page("Errors", [
    "Every error is `application/problem+json` (RFC 9457): `{type, title, status, detail, code, params?, errors?, request_id?}`. Branch on `code`; show `detail`, or write your own sentence from `code` and `params`: `params.reason` picks the sentence among those of a code, the rest fills its `{{gaps}}`. `request_id` is the answer's `X-Request-Id`, under which the server's log has what failed.",
    errorTable(Object.entries(errors).map(([code, row]) => [code, STATUS_OF[code as PairingErrorCode], row])),
    "What a door answers before it asks a use case:",
    errorTable(Object.entries(httpErrors).map(([code, row]) => [code, HTTP_STATUS_OF[code as HttpErrorCode], row])),
    "The codes `sms_…` of a message that a provider did not take have these reasons too. `details` has the provider's own code:",
    ["| reason | detail |", "|---|---|", ...Object.entries(smsFailures).map(([reason, text]) => `| \`${reason}\` | ${cell(text)} |`)].join(
      "\n",
    ),
  ]);
}

function errorTable(rows: readonly (readonly [code: string, status: number, row: ErrorRow])[]): string {
  const lines = rows.flatMap(([code, status, row]) => {
    if (typeof row === "string" || !("default" in row)) return [`| \`${code}\` | ${status} | | ${cell(textOf(row))} |`];
    const { default: sentence, ...reasons } = row;
    const own = Object.entries(reasons).filter(([reason]) => !(code.startsWith("sms_") && reason in smsFailures));
    return [
      `| \`${code}\` | ${status} | | ${cell(sentence)} |`,
      ...own.map(([reason, message]) => `| | | \`${reason}\` | ${cell(textOf(message as Message))} |`),
    ];
  });
  return ["| code | status | reason | detail |", "|---|---|---|---|", ...lines].join("\n");
}

function textOf(message: Message): string {
  return typeof message === "string" ? message : message.other;
}

function apiPage(): string {
  const sections = (Object.entries(OPERATIONS) as [string, Operation][]).map(([, operation]) =>
    [
      `## ${operation.method} \`${operation.path}\``,
      [`${operation.summary}.`, DOOR[operation.door], CALLER[operation.caller], operation.gated && GATED].filter(Boolean).join(" "),
      ...(operation.body ? [`${operation.encoding === "form" ? "Form" : "Body"}: ${fields(operation.body)}`] : []),
      ...(operation.query ? [`Query: ${fields(operation.query)}`] : []),
      ...(operation.pages ? [PAGES[operation.pages]] : []),
      `Answer: ${operation.status === 204 ? "204, nothing in it" : shape(operation.answer)}`,
      ...errorsLine(operation),
    ].join("\n\n"),
  );
  return page("The HTTP API", [
    "The same as OpenAPI 3.1 at `/openapi.json`, and to try out at `/docs`. Errors are described in [errors.md](errors.md).",
    ...sections,
  ]);
}

const DOOR = { phone: "Both doors.", local: "Local door." };
const PAGES = {
  link: 'A list, newest first. With `limit` it is answered in pages: the header `Link: <…>; rel="next"` has the address of the next one, and is absent on the last.',
  next: "A list, newest first, in pages: `next` is what to send as `after` for the next one, and is absent on the last.",
};
const CALLER = {
  anonymous: "",
  local: "For programs of the server's account.",
  window: "For a person in the window, or the admin token.",
  phone: "Needs the device token.",
};
const GATED = "With PHONE_DEVICES_REQUIRE_ADMIN=1, for the window or the admin token only.";

function errorsLine(operation: Operation): readonly string[] {
  const codes = [...new Set([...callerErrors(operation), ...operation.errors])];
  return codes.length > 0 ? [`Errors: ${codes.map((code) => `\`${code}\``).join(", ")}`] : [];
}

function fields(schema: z.ZodObject): string {
  return Object.entries(schema.shape)
    .map(([name, field]) => `\`${name}\`${(field as z.ZodType).safeParse(undefined).success ? " (optional)" : ""}`)
    .join(", ");
}

function shape(schema: z.ZodType): string {
  const { shape, element } = schema as unknown as { shape?: Record<string, z.ZodType>; element?: z.ZodType };
  if (element) return `a list of ${shapeOrWord(element)}`;
  return shape ? fields(schema as z.ZodObject) : "see OpenAPI";
}

function shapeOrWord(schema: z.ZodType): string {
  return "shape" in schema ? `{${fields(schema as z.ZodObject)}}` : "values";
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function page(title: string, parts: readonly string[]): string {
  return `${[NOTE, `# ${title}`, ...parts].join("\n\n")}\n`;
}
