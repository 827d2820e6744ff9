import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const read = (file: string): string => readFileSync(file, "utf8");

interface Requirement {
  readonly number: string;
  readonly text: string;
  readonly proofs: readonly string[];
}

/** The rows of docs/requirements.md: number, text, proofs one below the other. */
const requirements: readonly Requirement[] = read("docs/requirements.md")
  .split("\n")
  .filter((line) => /^\| S\d/.test(line))
  .map((line) => {
    const [, number = "", text = "", proofs = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { number, text, proofs: proofs.split("<br>").filter(Boolean) };
  });

describe("docs/requirements.md", () => {
  it("has S1 to S175, each once, in order, with a text", () => {
    expect(requirements.map(({ number }) => number)).toEqual(Array.from({ length: 175 }, (_, n) => `S${n + 1}`));
    expect(requirements.filter(({ text }) => text === "")).toEqual([]);
  });

  it("has a proof for every number, and every proof stands", () => {
    const wanting = requirements.flatMap(({ number, proofs }) =>
      proofs.length === 0 ? [`${number}: no proof`] : proofs.flatMap((proof) => wantingIn(proof).map((what) => `${number}: ${what}`)),
    );
    expect(wanting).toEqual([]);
  });

  it.each(["`test/nowhere.test.ts`", '`package.json` "a title"', "`README.md#nowhere`", "trust me", "`package.json` trust me"])(
    "would notice that %s is none",
    (proof) => expect(wantingIn(proof)).toHaveLength(1),
  );
});

/** What a proof lacks: a file, a file with a test's title, or a place in a page. */
function wantingIn(proof: string): string[] {
  const [, file, anchor, title] = /^`([^`#]+)(?:#([^`]+))?`(?: "(.+)")?$/.exec(proof) ?? [];
  if (file === undefined) return [`${proof} is no proof`];
  if (!existsSync(file)) return [`there is no ${file}`];
  if (anchor !== undefined && !anchorsOf(file).has(anchor)) return [`${file} has no heading #${anchor}`];
  if (title !== undefined && !read(file).includes(`"${title}",`)) return [`${file} has no test "${title}"`];
  return [];
}

describe("links", () => {
  const pages = [
    "README.md",
    ...readdirSync("docs", { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => path.join("docs", name)),
  ];

  it.each(pages)("of %s have a target", (page) => {
    const lost = linksOf(read(page)).filter((link) => {
      const [target = "", anchor] = decodeURI(link).split("#");
      const file = target === "" ? page : path.join(path.dirname(page), target);
      return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).has(anchor));
    });
    expect(lost).toEqual([]);
  });

  it("are found, and so are headings", () => {
    expect(linksOf('[a](b.md) ![c](d.png) <img src="e.png"> `[no](no.md)` [f](https://x.test) [g](#h)')).toEqual([
      "b.md",
      "d.png",
      "#h",
      "e.png",
    ]);
    expect([...anchorsOf("docs/phone-pairing-setup-guide.md")]).toEqual(
      expect.arrayContaining(["cost-estimation", "option-1-twilio-recommended-for-production", "hardening-verification-checklist-v11"]),
    );
  });
});

/** Relative links of a page: Markdown's, and those of HTML in it. Code is skipped. */
function linksOf(markdown: string): string[] {
  const text = withoutFences(markdown).replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors that GitHub gives a page's headings. */
function anchorsOf(file: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutFences(read(file)).matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^ *```[\s\S]*?^ *```.*$/gm, "");
}
