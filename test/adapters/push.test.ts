import { describe, expect, it } from "vitest";
import { createLanes } from "../../src/adapters/push/lanes.ts";
import { isPublicAddress, lookupPublic } from "../../src/adapters/push/public-lookup.ts";
import { pushServiceOf } from "../../src/adapters/push/push-services.ts";

describe("a push service's address", () => {
  it.each(["8.8.8.8", "2a00:1450:4001::1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    // IPv4 inside IPv6, in every form there is (RFC 4291, 6145, 8215, 5214, 4380).
    "::7f00:1",
    "::808:808",
    "::ffff:0:7f00:1",
    "64:ff9b:1::7f00:1",
    "64:ff9b::c0a8:1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2002:808:808::1",
    // IANA's special-purpose registries, an address of each block.
    "192.0.0.8",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    "0.1.2.3",
    "100::1",
    "100:0:0:1::1",
    "2001:2::1",
    "2001:3::1",
    "2001:4:112::1",
    "2001:10::1",
    "2001:20::1",
    "2001:30::1",
    "2001:db8::1",
    "2620:4f:8000::1",
    "3fff::1",
    "3fff:fff::1",
    "5f00::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "4000::1",
  ])("%s is not", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([false, true])("is refused when its name resolves to an internal address (all: %s)", async (all) => {
    const error = await new Promise((resolve) => lookupPublic("localhost", { all }, resolve));
    expect(String(error)).toContain("not public");
  });
});

describe("a push service", () => {
  it.each([
    "https://fcm.googleapis.com/fcm/send/x",
    "https://fcm.googleapis.com/wp/x",
    "https://jmt17.google.com/fcm/send/x",
    "https://android.googleapis.com/gcm/send/x",
    "https://updates.push.services.mozilla.com/wpush/v2/x",
    "https://web.push.apple.com/x",
    "https://api.push.apple.com/x",
    "https://wns2-par02p.notify.windows.com/w/?token=x",
  ])("is known at %s", (endpoint) => {
    expect(pushServiceOf(endpoint, [])).toMatchObject({ own: false });
  });

  it.each([
    "http://jmt17.google.com/fcm/send/x",
    "https://jmt17.google.com:8443/x",
    "https://jmt17.google.com.evil.example/x",
    "https://evil.example/jmt17.google.com",
    "https://xjmt17.google.com/x",
    "https://mail.google.com/x",
    "https://user@fcm.googleapis.com/x",
    "https://127.0.0.1/x",
    "https://notify.windows.com.evil.example/x",
    // Names that anybody can have, and that only end as a service's do.
    "https://evilnotify.windows.com/x",
    "https://evilpush.apple.com/x",
    "https://evil-push.services.mozilla.com/x",
  ])("is not one at %s", (endpoint) => {
    expect(pushServiceOf(endpoint, [])).toBeUndefined();
  });

  it("may be any below a name in the settings, and no other", () => {
    const isKnown = (host: string): boolean => pushServiceOf(`https://${host}/x`, ["*.push.example.com"]) !== undefined;
    expect(["a.push.example.com", "a.b.push.example.com", "push.example.com", "evilpush.example.com"].map(isKnown)).toEqual([
      ...[true, true, false, false],
    ]);
  });
});

describe("lanes", () => {
  const later = () => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    return { end, ended };
  };

  it("do so much at once, the rest in order, and each lane by itself", async () => {
    const lanes = createLanes({ atOnce: 1, waiting: 1 });
    const first = later();
    const done: string[] = [];
    const works = [
      lanes.run("a", async () => {
        await first.ended;
        done.push("a1");
      }),
      lanes.run("a", async () => void done.push("a2")),
    ];
    expect(await lanes.run("a", async () => "too much")).toBeUndefined();
    expect(await lanes.run("b", async () => "at once")).toBe("at once");
    expect(done).toEqual([]);
    first.end();
    await Promise.all(works);
    expect(done).toEqual(["a1", "a2"]);
  });

  it("go on after work that failed", async () => {
    const lanes = createLanes({ atOnce: 1, waiting: 1 });
    const works = [lanes.run("a", async () => Promise.reject(new Error("broken"))), lanes.run("a", async () => "next")];
    expect(await Promise.allSettled(works)).toMatchObject([{ status: "rejected" }, { status: "fulfilled", value: "next" }]);
  });
});
