import type { Operation } from "./operations.ts";

/**
 * An operation's input as an HTTP request: path parameters fill the braces, the query takes the fields of its schema, the body
 * takes the rest.
 */
export function requestOf(operation: Operation, input: object): { readonly path: string; readonly body: string | undefined } {
  const rest = new Map<string, unknown>(Object.entries(input).filter(([, value]) => value !== undefined));
  const take = (key: string): string => {
    const value = rest.get(key);
    rest.delete(key);
    return encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value ?? ""));
  };
  const path = operation.path.replace(/\{(\w+)\}/g, (_braces, key: string) => take(key));
  const asked = Object.keys(operation.query?.shape ?? {}).filter((key) => rest.has(key));
  const query = asked.map((key) => `${key}=${take(key)}`).join("&");
  return {
    path: query === "" ? path : `${path}?${query}`,
    body: operation.body ? JSON.stringify(Object.fromEntries(rest)) : undefined,
  };
}
