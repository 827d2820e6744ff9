import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

/** deploy/docker-compose.yml, as `docker compose` reads it: as far as the file goes. */

export interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: "service_healthy" | "service_completed_successfully" }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string } | null>>;
  readonly restart: string;
  readonly stop_grace_period?: string;
  readonly [more: string]: unknown;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, any>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export const COMPOSE_FILE = "deploy/docker-compose.yml";
const text = readFileSync(COMPOSE_FILE, "utf8");
const VARIABLE = /\$(?:(\$)|\{([A-Z_]+)(?:(:[-?])([^}]*))?\})/g;

/** The variables that the file takes from .env; `default`: what is used without it, absent where it has to be set. */
export function variablesOf(): { readonly name: string; readonly default?: string }[] {
  return [...text.matchAll(VARIABLE)].flatMap(([, , name, kind, rest = ""]) => {
    if (name === undefined) return [];
    return [{ name, ...(kind === ":-" ? { default: rest } : {}) }];
  });
}

/** The file with these variables in its values. Throws what `docker compose` would print where one is missing. */
export function readCompose(env: Readonly<Record<string, string>>): Compose {
  const read = fillIn(parse(text, { merge: true }), env) as Compose;
  const services = Object.entries(read.services).map(([name, service]) => [name, { ...service, environment: service.environment ?? {} }]);
  return { ...read, services: Object.fromEntries(services) as Compose["services"] };
}

function fillIn(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => fillIn(one, env));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillIn(one, env)]));
  if (typeof value !== "string") return value;
  return value.replaceAll(VARIABLE, (_, dollar?: string, name = "", kind?: string, rest = "") => {
    const given = dollar ?? env[name] ?? "";
    if (given === "" && kind === ":?") throw new Error(`required variable ${name} is missing a value: ${rest}`);
    return given === "" ? rest : given;
  });
}

/** deploy/.env.example: its variables and their values. */
export function readExample(): Record<string, string> {
  const lines = readFileSync("deploy/.env.example", "utf8").split("\n");
  return Object.fromEntries(lines.filter((line) => /^[A-Z]/.test(line)).map((line) => /^([A-Z_]+)=(.*)$/.exec(line)!.slice(1)));
}

/** The services in an order in which each comes after those that it waits for. */
export function inOrder({ services }: Compose): string[] {
  const order: string[] = [];
  const add = (name: string, waiting: readonly string[]): void => {
    if (waiting.includes(name)) throw new Error(`${name} waits for itself`);
    for (const before of Object.keys(services[name]?.depends_on ?? {})) add(before, [...waiting, name]);
    if (!order.includes(name)) order.push(name);
  };
  for (const name of Object.keys(services)) add(name, []);
  return order;
}

/** The environment that the image brings. */
export function imageEnvironment(): Record<string, string> {
  const lines = readFileSync("deploy/Dockerfile", "utf8").replace(/\\\n\s*/g, "");
  const [, last = ""] = /^ENV (.*)$/m.exec(lines.slice(lines.lastIndexOf("\nFROM "))) ?? [];
  return Object.fromEntries(last.split(" ").map((pair) => pair.split("=") as [string, string]));
}

/** Whether a service's health check succeeds. `replaced`: what stands in it → what it is here. */
export function isHealthy(service: Service, replaced: readonly (readonly [string, string])[], env: Record<string, string> = {}): boolean {
  const [kind, program = "", ...words] = service.healthcheck?.test ?? [];
  if (kind !== "CMD") throw new Error("a health check of another kind");
  const here = words.map((word) => replaced.reduce((whole, [from, to]) => whole.replaceAll(from, to), word));
  const node = path.dirname(process.execPath);
  return spawnSync(program, here, { env: { ...env, PATH: `${node}:${process.env["PATH"] ?? ""}` } }).status === 0;
}
