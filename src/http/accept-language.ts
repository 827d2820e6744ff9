import type { IncomingMessage } from "node:http";

/** The languages that a browser asks for, from most to least wanted. */
export function acceptedLanguages({ headers }: Pick<IncomingMessage, "headers">): readonly string[] {
  return (headers["accept-language"] ?? "")
    .split(",")
    .map((entry) => {
      const [tag = "", ...parameters] = entry.split(";").map((part) => part.trim());
      const weight = parameters.find((parameter) => parameter.startsWith("q="));
      return { tag, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
    })
    .filter(({ tag, weight }) => tag !== "" && weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag);
}
