import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export interface ShellCommand {
  readonly page: string;
  readonly line: number;
  readonly shell: "sh" | "powershell";
  readonly text: string;
  /** The comment lines directly below: what it prints. */
  readonly prints: string | undefined;
}

/** Every page whose commands somebody may type. */
export const PAGES: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...["docs", "examples", "deploy"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
      .map((name) => path.join(folder, name)),
  ),
];

/** The commands of a page's code blocks, in order. Lines that belong together are one command. */
export function commandsOf(page: string): ShellCommand[] {
  const found: ShellCommand[] = [];
  let shell: ShellCommand["shell"] | undefined;
  let open: { text: string; line: number } | undefined;
  readFileSync(page, "utf8")
    .split("\n")
    .forEach((whole, index) => {
      const text = whole.trim();
      const fence = /^```(\w*)/.exec(text)?.[1];
      if (fence !== undefined) {
        shell = shell !== undefined ? undefined : shellOf(fence);
        return;
      }
      if (shell === undefined || (text === "" && open === undefined)) return;
      const before = found.at(-1);
      if (text.startsWith("#") && open === undefined) {
        if (before !== undefined && lastLineOf(before) === index)
          found[found.length - 1] = { ...before, prints: [before.prints, text.slice(1).trim()].filter(Boolean).join("\n") };
        return;
      }
      open = { line: open?.line ?? index + 1, text: open === undefined ? text : `${open.text}\n${text}` };
      if (text.endsWith("\\") || (open.text.startsWith("for ") && text !== "done")) return;
      found.push({ page, line: open.line, shell, text: open.text, prints: undefined });
      open = undefined;
    });
  return found;
}

function shellOf(fence: string): ShellCommand["shell"] | undefined {
  if (fence === "sh" || fence === "bash") return "sh";
  return fence === "powershell" ? "powershell" : undefined;
}

/** The number of the last line of a command, its output included. */
function lastLineOf({ line, text, prints }: ShellCommand): number {
  return line - 1 + text.split("\n").length + (prints?.split("\n").length ?? 0);
}
