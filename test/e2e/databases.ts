import { randomUUID } from "node:crypto";
import pg from "pg";
import { postgresUrl, sql } from "../postgres.ts";

const databases: string[] = [];

/** The address of a database without any tables. */
export async function emptyDatabase(): Promise<string> {
  const name = `servers_${randomUUID().replaceAll("-", "")}`;
  await sql(`create database ${name}`);
  databases.push(name);
  return postgresUrl.replace(/[^/]*$/, name);
}

/** Runs a statement in the database at this address. */
export async function sqlAt(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** For `afterEach`, once the servers are gone. */
export async function dropDatabases(): Promise<void> {
  for (const name of databases.splice(0)) await sql(`drop database ${name} with (force)`);
}

/** A request; `credential` is a phone's token, or headers. */
export async function ask(
  address: string,
  method: string,
  path: string,
  body?: object,
  credential: string | Readonly<Record<string, string>> = {},
) {
  const response = await fetch(`${address}${path}`, {
    method,
    // A phone's connections end with its access, at any moment after that: none is used again.
    headers: {
      connection: "close",
      "content-type": "application/json",
      ...(typeof credential === "string" ? { authorization: `Bearer ${credential}` } : credential),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
}
