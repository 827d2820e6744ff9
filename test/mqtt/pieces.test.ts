import { Readable } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import { startServer } from "../http/server.ts";
import { connectPhone, hangUp, notify, urlOf } from "./phone.ts";

afterEach(() => {
  vi.restoreAllMocks();
  hangUp();
});

it("understands phones where a stream returns its bytes piece by piece, as since Node.js 26", async () => {
  const { read } = Readable.prototype;
  vi.spyOn(Readable.prototype, "read").mockImplementation(function (this: Readable, size?: number) {
    return read.call(this, size ?? 1);
  });
  const server = await startServer();
  const phone = await connectPhone(urlOf(server), { token: await server.pair("phone", "ada") });
  await phone.say("heartbeat", {});
  await notify(server, "one");
  await phone.receivesMany(1);
  expect(phone.received).toMatchObject([{ payload: { message: "one" } }]);
  await phone.leave();
  const again = await connectPhone(urlOf(server), { token: await server.pair("phone", "ada") });
  await phone.closed;
  await again.leave();
});
