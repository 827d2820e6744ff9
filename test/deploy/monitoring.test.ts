import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { OPERATIONS } from "../../src/contract/operations.ts";
import { AUDIT_EVENTS } from "../../src/core/index.ts";
import { startServer } from "../http/server.ts";
import { namesIn } from "../prometheus-text.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readFileSync("deploy/monitoring/grafana-dashboard.json", "utf8")) as { readonly panels: readonly Panel[] };
const rules = (
  parse(readFileSync("deploy/monitoring/alerts.yaml", "utf8")) as { groups: readonly { rules: readonly Rule[] }[] }
).groups.flatMap((group) => group.rules);
const expressions = [...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...rules.map(({ expr }) => expr)];
const named = (pattern: RegExp): string[] =>
  expressions.flatMap((expr) => [...expr.matchAll(pattern)].flatMap(([, text = ""]) => text.split("|")));

it("dashboard and alerts name metrics that a running server has", async () => {
  const server = await startServer({});
  const names = namesIn((await server.local("GET", "/metrics")).text);
  const wanted = new Set(expressions.flatMap((expr) => expr.match(/\b(?:topdog|nodejs|process)_\w+/g) ?? []));
  expect(wanted.size).toBeGreaterThan(15);
  expect([...wanted].filter((name) => !names.has(name))).toEqual([]);
  // What can be seen nowhere need not be counted.
  const shown = [...names].filter((name) => name.startsWith("topdog_") && !/_(?:sum|count|bucket)$/.test(name));
  expect(shown.filter((name) => ![...wanted].some((used) => used.startsWith(name)))).toEqual([]);
});

it("dashboard and alerts name operations and events that exist", () => {
  expect(named(/operation!?[=~]+"([^"]+)"/g).filter((name) => name !== "page" && !(name in OPERATIONS))).toEqual([]);
  const events: readonly string[] = AUDIT_EVENTS;
  expect(named(/event!?[=~]+"([^"]+)"/g).filter((event) => !events.includes(event))).toEqual([]);
});

it("every alert says what is wrong, and the guide for operators what to do", () => {
  const [, chapter = ""] = /\n## Alerts\n([\s\S]*?)\n## /.exec(readFileSync("deploy/README.md", "utf8")) ?? [];
  const entries = chapter.split(/^### /m).slice(1);
  expect(entries.map((entry) => entry.split("\n")[0])).toEqual(rules.map(({ alert }) => alert));
  const severities: Record<string, string> = { critical: "Critical", warning: "Warning", info: "Information" };
  for (const { alert, labels, annotations } of rules) {
    const [, first] = entries.find((entry) => entry.startsWith(`${alert}\n`))!.split("\n\n");
    expect(first).toContain(`**${severities[labels.severity]}.** `);
    expect(annotations.summary.length * annotations.description.length).toBeGreaterThan(0);
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});
