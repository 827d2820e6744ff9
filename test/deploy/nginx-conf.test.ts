import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { hasNginx, startShippedNginx, stopNginx } from "../e2e/nginx.ts";

const doors: Server[] = [];
afterEach(() => {
  stopNginx();
  for (const door of doors.splice(0)) door.close();
});

/** Reads each request whole, and then does with it what `answer` does. Resolves with its address. */
async function openDoor(answer: (request: IncomingMessage, body: string) => string | undefined): Promise<string> {
  const door = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes: Buffer) => (body += bytes.toString()));
    request.on("end", () => {
      const text = answer(request, body);
      if (text === undefined) request.socket.destroy();
      else response.end(text);
    });
  });
  doors.push(door);
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
}

describe.skipIf(!hasNginx)("deploy/nginx.conf (Debian: apt-get install nginx-light)", () => {
  it.each([
    ["a request with an Idempotency-Key", { method: "POST", body: "the body", headers: { "idempotency-key": "one" } }, 200],
    ["a read", { method: "GET" }, 200],
    // It may have been done, and would be done twice.
    ["another request", { method: "POST", body: "the body" }, 502],
  ] as const)(
    "passes %s that a server read and did not answer on to the next one only where that does no harm",
    async (_, init, status) => {
      let ended = 0;
      const ends = await openDoor(() => {
        ended += 1;
        return undefined;
      });
      const answers = await openDoor(({ method, url, headers }, body) => `${method} ${url} ${headers["idempotency-key"]} ${body}`);
      const address = await startShippedNginx([ends, answers], "phone");
      const seen = new Set<number>();
      // In turn: one of two begins at the server that ends.
      for (let turn = 0; turn < 2 && ended === 0; turn += 1) {
        const response = await fetch(`${address}/phone/path?query=1`, init);
        const text = await response.text();
        seen.add(response.status);
        if (response.status !== 200) continue;
        const { method, body = "", headers = {} } = init as { method: string; body?: string; headers?: Record<string, string> };
        expect(text).toBe(`${method} /phone/path?query=1 ${headers["idempotency-key"]} ${body}`);
      }
      expect(ended).toBe(1);
      expect(seen).toContain(status);
    },
  );
});
