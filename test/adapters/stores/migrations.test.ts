import { describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../../src/adapters/stores/postgres/migrations.ts";

const ADDED_COLUMN = /^alter table topdog\.\w+ add column \w+ (.*)$/;

/** Why a server of the version before could not go on beside this statement; `made`: the tables that its own step makes. */
function obstacleIn(statement: string, made: ReadonlySet<string>): string | undefined {
  const [, created] = /^create table topdog\.(\w+) \(/.exec(statement) ?? [];
  const [, unique, indexed = ""] = /^create (unique )?index \w+ on topdog\.(\w+) /.exec(statement) ?? [];
  const [, filled = ""] = /^insert into topdog\.(\w+) /.exec(statement) ?? [];
  const [, added] = ADDED_COLUMN.exec(statement) ?? [];
  if (created !== undefined || made.has(indexed) || made.has(filled)) return undefined;
  if (indexed !== "") return unique ? "it would be refused rows that it may write" : undefined;
  if (added === undefined) return "only tables, indexes and columns may come to those of before";
  if (/\b(unique|primary key|references|check)\b/.test(added)) return "it would be refused rows that it may write";
  return /not null/.test(added) && !/\b(default|generated)\b/.test(added) ? "it writes rows without this column" : undefined;
}

function obstaclesIn(step: string): readonly string[] {
  const statements = step
    .replaceAll(/\s+/g, " ")
    .split(";")
    .map((statement) => statement.trim())
    .filter(Boolean);
  const made = new Set(statements.flatMap((statement) => /^create table topdog\.(\w+) /.exec(statement)?.[1] ?? []));
  return statements.flatMap((statement) => {
    const obstacle = obstacleIn(statement, made);
    return obstacle === undefined ? [] : [`${statement}: ${obstacle}`];
  });
}

describe("each step of the database's tables after the first", () => {
  it.each(MIGRATIONS.slice(1).map((step, index) => [index + 2, step]))("%i adds what the version before can live with", (_, step) => {
    expect(obstaclesIn(String(step))).toEqual([]);
  });

  it.each([
    "alter table topdog.devices drop column endpoint",
    "alter table topdog.devices rename column endpoint to address",
    "alter table topdog.devices alter column endpoint set not null",
    "alter table topdog.devices add column colour text not null",
    "alter table topdog.devices add column colour text unique",
    "create unique index devices_by_name on topdog.devices (endpoint)",
    "drop table topdog.guesses",
    "update topdog.devices set endpoint = null",
    "delete from topdog.guesses",
    "create table topdog.more (id text); insert into topdog.state values (2, 0, 0, 0, 0, 0, 0)",
  ])("would not pass with %s", (statement) => {
    expect(obstaclesIn(statement)).toHaveLength(1);
  });

  it.each([
    "alter table topdog.devices add column colour text",
    "alter table topdog.devices add column colour text not null default ''",
    "create index devices_by_name on topdog.devices (endpoint)",
    "create table topdog.more (id text primary key); create unique index more_by_id on topdog.more (id); insert into topdog.more values (1)",
  ])("may be %s", (statement) => {
    expect(obstaclesIn(statement)).toEqual([]);
  });
});
