import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

interface Instruction {
  readonly name: string;
  readonly text: string;
}

const root = new URL("../../", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), "utf8");

const instructions = read("deploy/Dockerfile")
  .replace(/^\s*#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "")
  .map((line): Instruction => ({ name: line.split(" ")[0]!, text: line.slice(line.indexOf(" ") + 1) }));
const stages = instructions.reduce<Instruction[][]>((found, instruction) => {
  if (instruction.name === "FROM") found.push([]);
  found.at(-1)!.push(instruction);
  return found;
}, []);
const last = stages.at(-1)!;
const texts = (of: readonly Instruction[], name: string): string[] => of.filter((one) => one.name === name).map(({ text }) => text);

/** Never in an image of the server: the desktop's runtime and its keychain. */
const DESKTOP_ONLY = ["electron", "keytar"];
/** The packages that the build leaves to node_modules. */
const external = JSON.parse(/^const EXTERNAL = (\[.*\]);$/m.exec(read("scripts/build.mjs"))![1]!) as string[];

describe("the image", () => {
  it("is built in one stage and run from another, both of the Node.js that the project is written for", () => {
    expect(texts(instructions, "FROM")).toEqual(["node:24-slim AS build", "node:24-slim"]);
    expect(texts(stages[0]!, "RUN")).toEqual(["npm ci", "npm run build"]);
    expect(texts(last, "RUN").filter((command) => /\bnpm\b/.test(command))).toEqual([]);
    expect(texts(last, "COPY")).toContain("--from=build /app/dist dist");
  });

  it("has the packages that are not in the bundle, and nothing of the desktop's", () => {
    const copied = texts(last, "COPY").flatMap(
      (text) => /^--from=build \/app\/node_modules\/(\S+) node_modules\/\1$/.exec(text)?.[1] ?? [],
    );
    expect(copied.sort()).toEqual(external.filter((name) => !DESKTOP_ONLY.includes(name)).sort());
    expect(instructions.map(({ text }) => text).join("\n")).not.toMatch(/keytar|electron/);
  });

  it("takes nothing from the network but npm's packages", () => {
    expect(texts(instructions, "ADD")).toEqual([]);
    expect(instructions.filter(({ text }) => /\b(curl|wget|apt-get)\b|https:|--mount/.test(text))).toEqual([]);
  });

  it("takes from the project what .dockerignore lets in, and nothing else is let in", () => {
    const [everything, ...allowed] = read(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const copied = texts(instructions, "COPY")
      .filter((text) => !text.startsWith("--from"))
      .flatMap((text) => text.split(" ").slice(0, -1));
    expect(everything).toBe("*");
    expect(allowed.sort()).toEqual([...new Set(copied)].map((file) => `!${file}`).sort());
    expect(copied.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
  });

  it("runs as a numbered account that is not root, the one that the Deployment names", () => {
    const [user] = texts(last, "USER");
    expect(texts(instructions, "USER")).toHaveLength(1);
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(read("deploy/kubernetes/base/deployment.yaml")).toContain(`runAsUser: ${user!.split(":")[0]}\n`);
  });

  it("holds no secret", () => {
    const names = [...texts(instructions, "ENV"), ...texts(instructions, "ARG")].flatMap(
      (text) => text.match(/\b[A-Z][A-Z0-9_]*(?==|$)/g) ?? [],
    );
    expect(names).toContain("PAIRING_STORAGE_PATH");
    expect(names.filter((name) => /TOKEN|SECRET|PASSWORD|KEY|AUTH|TWILIO/.test(name))).toEqual([]);
  });

  it("keeps its data in the volume, which belongs to its account", () => {
    const storage = /PAIRING_STORAGE_PATH=(\S+)/.exec(texts(last, "ENV").join(" "))![1]!;
    const [volume] = texts(last, "VOLUME");
    expect(storage.startsWith(`${volume}/`)).toBe(true);
    expect(texts(last, "RUN")).toEqual([`install -d -o 1000 -g 1000 -m 0700 ${volume}`]);
  });

  it("starts the command line's server, and is stopped by the signal it listens to", () => {
    const { bin } = JSON.parse(read("package.json")) as { bin: Record<string, string> };
    expect(texts(last, "ENTRYPOINT").map((text): unknown => JSON.parse(text))).toEqual([["node", bin["topdog-phone"]]]);
    expect(texts(last, "CMD")).toEqual(['["serve"]']);
    expect(texts(last, "STOPSIGNAL")).toEqual(["SIGTERM"]);
  });
});

describe("the image's health check", () => {
  const open = new Set<Server>();
  afterEach(() => {
    for (const server of open) server.close();
    open.clear();
  });

  /** The local door, as far as the check sees it. */
  async function door(status: number): Promise<{ port: number; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      response.writeHead(status).end();
    });
    open.add(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { port: (server.address() as AddressInfo).port, asked };
  }

  async function check(port: number): Promise<number | null> {
    const [program, ...rest] = JSON.parse(/CMD (\[.*\])$/.exec(texts(last, "HEALTHCHECK")[0]!)![1]!) as string[];
    expect(program).toBe("node");
    const child = spawn(process.execPath, rest, { cwd: fileURLToPath(root), env: { PAIRING_PORT: String(port) } });
    return new Promise((resolve) => child.once("exit", resolve));
  }

  it("is content with a server that lives", async () => {
    const { port, asked } = await door(200);
    expect(await check(port)).toBe(0);
    expect(asked).toEqual(["/healthz"]);
  });

  it("is not content with one that refuses, or is not there", async () => {
    expect(await check((await door(503)).port)).toBe(1);
    // Nobody listens on port 1.
    expect(await check(1)).toBe(1);
  });
});
