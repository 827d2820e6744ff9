// npm run check:names: names, comments, file names and test titles use the terms of docs/glossary.md.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const FOLDERS = ["src", "test", "scripts", "bench", "deploy", "examples"];
const SKIPPED_FOLDERS = new Set(["node_modules", "dist"]);

/** Words that no name has: the first matching row gives the term to use. `also: "text"` bans the word in comments and test titles too. */
const BANNED = [
  { word: /^desks?$/, use: "computer, main window, page state or admin", also: "text" },
  { word: /^standings?$/, use: "status", also: "text" },
  { word: /^roads?$/, use: "channel or connectivity", also: "text" },
  { word: /^(un)?said$/, use: "reported, printed, or fromEnvironment", also: "text" },
  { word: /^kept$/, use: "saved, stored or retained" },
  { word: /^((un|over)?heard|hears?|hearing)$/, use: "received, handled, listen or listener", also: "text" },
  { word: /^((un)?told|tells?|telling)$/, use: "emit, notify, report or show", also: "text" },
  { word: /^usual(ly)?$/, use: "default", also: "text" },
  { word: /^means$/, use: "description" },
  { word: /^leads?$/, use: "navigate, redirect or point to", also: "text" },
  { word: /^whoever$/, use: "the caller, the person or the waiting process", also: "text" },
  { word: /^(looks?|looked|looking|onlookers?)$/, use: "check, probe, read, inspect or find" },
  { word: /^keepers?$/, use: "supervisor", also: "text" },
  { word: /^patience$/, use: "timeouts", also: "text" },
  { word: /^ears?$/, use: "handler or listener", also: "text" },
  { word: /^speakers?$/, use: "session", also: "text" },
  { word: /^troubles?$/, use: "failure", also: "text" },
  { word: /^refusals?$/, use: "error, rejection or problem", also: "text" },
  { word: /^endings?$/, use: "result (a page), exit or end" },
  { word: /^mend(s|ed|ing)?$/, use: "fix or repair", also: "text" },
];
const BANNED_WHOLE_NAMES = [
  { name: /^(MOST|LONGEST|LARGEST)_/, use: "MAX_… with the unit" },
  { name: /Needs$/, use: "…Deps" },
];
const BANNED_PHRASES = [
  { phrase: /\blook(s|ed|ing)? (at|on|around)\b/gi, use: "check, probe, read or show" },
  { phrase: /\b(what (was|is) kept|the kept \w+)\b/gi, use: "saved, stored" },
];

/** Names that other programs rely on. */
const ALLOWED = [
  // Public exports and the options of earlier versions.
  { file: "src/contract/index.ts", names: ["DeskAnswer", "DeskBridge", "DeskInput", "DeskPreferences", "DeskQuestion", "DESK_QUESTIONS"] },
  // Settings, fields of the API and of stored files.
  {
    names: ["PAIRING_PUSH_NOT_AT_DESK", "look_for_updates", "lookForUpdates", "kept_in", "untold", "ngrok_authtoken_kept", "toldAboutTray"],
  },
  { file: "src/contract/operations/reachability.ts", names: ["said"] },
  { file: "src/headless/doctor/check-doors.ts", names: ["said"] },
  { file: "test/http/ngrok.test.ts", names: ["said"] },
  { file: "src/renderer/reachability/tunnel-part.tsx", names: ["said"] },
  { file: "test/renderer/tunnel-card.test.ts", names: ["said"] },
  { file: "src/operations/reachability.ts", names: ["said"] },
  // Fields of keychain.json.
  { file: "src/adapters/secrets/", names: ["kept"] },
  { file: "src/host/inspect-host.ts", names: ["kept"] },
  { file: "test/e2e/desktop.ts", names: ["kept"] },
  { file: "test/http/keychain.test.ts", names: ["kept"] },
  { file: "bench/desktop.mjs", names: ["kept"] },
];

const root = path.resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
const found = FOLDERS.flatMap((folder) => filesIn(folder)).flatMap(check);
for (const { file, line, word, use } of found) console.log(`${file}:${line} ${word}: use ${use}`);
if (found.length > 0) {
  console.log(`${found.length} names or comments do not follow docs/glossary.md.`);
  process.exit(1);
}

function filesIn(folder) {
  let entries;
  try {
    entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : filesIn(name);
    return entry.isFile() ? [name] : [];
  });
}

function check(file) {
  if (file === "scripts/check-names.mjs") return [];
  const report = (line, findings) => findings.map((finding) => ({ file, line, ...finding }));
  const found = report(1, inName(file, path.basename(file)));
  if (/\.(ts|tsx|mts|cts|mjs|js)$/.test(file)) {
    const text = readFileSync(path.join(root, file), "utf8");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const lineOf = (position) => source.getLineAndCharacterOfPosition(position).line + 1;
    const comments = new Map();
    const walk = (node) => {
      if (ts.isIdentifier(node)) found.push(...report(lineOf(node.getStart(source)), inName(file, node.text)));
      const title = titleOf(node);
      if (title !== undefined) found.push(...report(lineOf(title.getStart(source)), inText(title.text)));
      // JSX text can hold two slashes that start no comment.
      if (!ts.isJsxText(node))
        for (const range of [...(ts.getLeadingCommentRanges(text, node.pos) ?? []), ...(ts.getTrailingCommentRanges(text, node.end) ?? [])])
          comments.set(range.pos, range.end);
      for (const child of node.getChildren(source)) walk(child);
    };
    walk(source);
    for (const [start, end] of comments) found.push(...report(lineOf(start), inText(text.slice(start, end))));
  } else if (file.endsWith(".css")) {
    const text = readFileSync(path.join(root, file), "utf8");
    for (const { 0: comment, index } of text.matchAll(/\/\*[\s\S]*?\*\//g))
      found.push(...report(text.slice(0, index).split("\n").length, inText(comment)));
  }
  return found;
}

/** The title of a test, or of a group of tests. */
function titleOf(node) {
  if (!ts.isCallExpression(node)) return undefined;
  const [title] = node.arguments;
  if (title === undefined || !ts.isStringLiteralLike(title)) return undefined;
  return /^(it|test|describe)(\.(each|for|only|runIf|skip|skipIf|todo)\b[\s\S]*)?$/.test(node.expression.getText()) ? title : undefined;
}

function inName(file, name) {
  if (ALLOWED.some((row) => file.startsWith(row.file ?? "") && row.names.includes(name))) return [];
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  const rows = words.map((word) => BANNED.find((row) => row.word.test(word.toLowerCase()))).filter((row) => row !== undefined);
  return [...rows, ...BANNED_WHOLE_NAMES.filter((row) => row.name.test(name))].map(({ use }) => ({ word: name, use }));
}

function inText(text) {
  // Names in backticks are quoted as they are.
  const prose = text.replaceAll(/`[^`]*`/g, "");
  const words = (prose.match(/[A-Za-z]+/g) ?? []).flatMap((word) =>
    BANNED.filter((row) => row.also === "text" && row.word.test(word.toLowerCase())).map(({ use }) => ({ word, use })),
  );
  const phrases = BANNED_PHRASES.flatMap(({ phrase, use }) => (prose.match(phrase) ?? []).map((word) => ({ word, use })));
  return [...words, ...phrases];
}
