import { expect, it } from "vitest";
import { PairingError } from "../../src/core/index.ts";
import { HttpError, httpProblemOf } from "../../src/http/http-error.ts";
import { type ErrorRow, errors, httpErrors } from "../../src/words/en/errors.ts";
import { errorSentence } from "../../src/words/error-sentence.ts";

const rows: readonly (readonly [string, ErrorRow])[] = Object.entries({ ...errors, ...httpErrors });

it("the sentence of a code without parameters has no gaps", () => {
  expect(rows.filter(([, row]) => errorSentence(row).includes("{{"))).toEqual([]);
});

it("a problem document has its code, its parameters, and the English sentence that they make", () => {
  const thrown = new PairingError("otp_invalid", { params: { reason: "tries_left", count: 1 } });
  expect(httpProblemOf(thrown).problem).toEqual({
    type: "urn:topdog:problem:otp_invalid",
    title: "Bad Request",
    status: 400,
    code: "otp_invalid",
    params: { reason: "tries_left", count: 1 },
    detail: "OTP invalid. Enter the six digits shown next to the QR code. 1 try left.",
  });
  expect(httpProblemOf(new HttpError("tunnel_at_local_door", { params: { reason: "port", port: 8001 } })).problem).toMatchObject({
    params: { reason: "port", port: 8001 },
    detail: "A tunnel points at the local door. Point it at port 8001.",
  });
  expect(httpProblemOf(new PairingError("invite_expired")).problem).not.toHaveProperty("params");
});

it("a reason that this version does not know is answered with the code's own sentence", () => {
  expect(errorSentence(errors.rate_limited, { reason: "of_a_later_version" })).toBe(errors.rate_limited.default);
  expect(errorSentence(errors.rate_limited, { reason: "constructor" })).toBe(errors.rate_limited.default);
});

it.each([
  [1, "1 second"],
  [99, "99 seconds"],
  [100, "2 minutes"],
])("a wait of %i seconds is written as %s", (seconds, text) => {
  expect(errorSentence(errors.rate_limited, { reason: "try_again", seconds })).toBe(`Too many requests. Try again in ${text}.`);
});
