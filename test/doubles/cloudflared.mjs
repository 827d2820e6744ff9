import { appendFileSync, readFileSync } from "node:fs";
import http from "node:http";

/**
 * What `cloudflared tunnel --url …` does, in its own words, without Cloudflare. Each run writes a line about itself into `notes`, and
 * takes the next of `moods`; the last one stays.
 *
 * @param {{ moods: readonly { name: string, address?: string, text?: string }[], notes: string }} play
 */
export function cloudflared({ moods, notes }) {
  const run = readRuns(notes).length;
  const mood = moods[Math.min(run, moods.length - 1)] ?? { name: "online" };
  const address = mood.address ?? "https://calm-river-maps-song.trycloudflare.com";
  const target = process.argv[process.argv.indexOf("--url") + 1] ?? "";
  const note = (more = {}) => {
    const about = { run, pid: process.pid, args: process.argv.slice(2), env: Object.keys(process.env).sort(), cwd: process.cwd(), ...more };
    appendFileSync(notes, `${JSON.stringify(about)}\n`);
  };
  const say = (level, text) => process.stderr.write(`${new Date().toISOString().slice(0, 19)}Z ${level} ${text}\n`);

  const begin = () => {
    say(
      "INF",
      "Thank you for trying Cloudflare Tunnel. Doing so, without a Cloudflare account, is a quick way to experiment and try it out. However, be aware that these account-less Tunnels have no uptime guarantee, are subject to the Cloudflare Online Services Terms of Use (https://www.cloudflare.com/website-terms/), and Cloudflare reserves the right to investigate your use of Tunnels for violations of such terms. If you intend to use Tunnels in production you should use a pre-created named tunnel by following: https://developers.cloudflare.com/cloudflare-one/connections/connect-apps",
    );
    say("INF", "Requesting new quick Tunnel on trycloudflare.com...");
  };
  const box = () => {
    const title = "Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):";
    const width = Math.max(title.length, address.length);
    const border = `+${"-".repeat(width + 4)}+`;
    for (const line of [border, `|  ${title.padEnd(width)}  |`, `|  ${address.padEnd(width)}  |`, border]) say("INF", line);
    say("INF", "Cannot determine default configuration path. No file [config.yml config.yaml] in [~/.cloudflared ~/.cloudflare-warp]");
    say("INF", `Version 2026.10.0 (Checksum ${"ab".repeat(32)})`);
    say("INF", "Generated Connector ID: 8ab5c0d7-77de-4f5c-8b9e-2f1f2b3f6c1d");
    say(
      "ERR",
      "Cannot determine default origin certificate path. No file cert.pem in [~/.cloudflared]. You need to specify originCertPath=",
    );
  };
  const register = () =>
    say(
      "INF",
      "Registered tunnel connection connIndex=0 connection=aeab1f4c-3f0e-4c0b-9a4f-11d1c0a5b3d2 event=0 ip=198.41.200.33 location=fra08 protocol=quic",
    );
  /** As the real one: it is asked to end, says so, and ends well. */
  const endOnSignal = () =>
    process.on("SIGTERM", () => {
      say("INF", "Initiating graceful shutdown due to signal terminated ...");
      process.exit(0);
    });
  const stay = () => setInterval(() => undefined, 60_000);
  const fail = (text) => {
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  };

  switch (mood.name) {
    case "online":
      endOnSignal();
      begin();
      box();
      register();
      note();
      stay();
      return;
    case "forwards": {
      endOnSignal();
      begin();
      const edge = http.createServer((request, response) => {
        const { hostname, port } = new URL(target);
        const headers = {
          ...request.headers,
          "x-forwarded-for": "203.0.113.7",
          "cf-connecting-ip": "203.0.113.7",
          "x-forwarded-proto": "https",
        };
        const onward = http.request({ hostname, port, method: request.method, path: request.url, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        onward.on("error", () => response.writeHead(502).end("error code: 1033"));
        request.pipe(onward);
      });
      edge.listen(0, "127.0.0.1", () => {
        box();
        register();
        note({ edge: edge.address().port });
      });
      return;
    }
    case "silent":
      endOnSignal();
      begin();
      note();
      stay();
      return;
    case "unconnected":
      endOnSignal();
      begin();
      box();
      say(
        "ERR",
        'Failed to dial a quic connection error="failed to dial to edge with quic: timeout: no recent network activity" connIndex=0',
      );
      note();
      stay();
      return;
    case "stubborn":
      process.on("SIGTERM", () => say("INF", "Initiating graceful shutdown due to signal terminated ..."));
      begin();
      box();
      register();
      note();
      stay();
      return;
    case "offline":
      begin();
      note();
      fail(
        'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com: no such host',
      );
      return;
    case "busy":
      begin();
      note();
      say("ERR", 'Error unmarshaling QuickTunnel response: error code: 1015 error="invalid character" status_code="429 Too Many Requests"');
      fail("failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value");
      return;
    case "dies":
      begin();
      note();
      fail(mood.text ?? "");
      return;
    case "dies-later":
      begin();
      box();
      register();
      note();
      // When the test has seen it online, it says so.
      process.on("SIGUSR2", () => {
        say("ERR", 'Connection terminated error="control stream encountered a failure while serving"');
        process.exit(1);
      });
      endOnSignal();
      stay();
      return;
    case "loses-connection":
      // Alive, without a connection, from when the test says so; where it says so a second time, it gets another one.
      endOnSignal();
      begin();
      box();
      register();
      note();
      process.on("SIGUSR2", () => {
        say("ERR", 'Connection terminated error="timeout: no recent network activity" connIndex=0');
        say("INF", "Retrying connection in up to 2s connIndex=0 event=0 ip=198.41.200.33");
      });
      process.on("SIGHUP", register);
      stay();
      return;
    case "garbage":
      endOnSignal();
      process.stderr.write(Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 37) % 256)));
      process.stderr.write("\nhttps://not-in-a-box.trycloudflare.com\n| https://api.trycloudflare.com |tail\n");
      note();
      stay();
      return;
    case "floods": {
      endOnSignal();
      begin();
      // One line without an end, and then very many: more than anybody should keep.
      process.stderr.write("x".repeat(8 * 1024 * 1024), () => {
        process.stderr.write(`\n${"2026-11-25T01:02:03Z INF something happened\n".repeat(100_000)}`, () => {
          box();
          register();
          note();
        });
      });
      stay();
      return;
    }
    default:
      throw new Error(`no such mood: ${mood.name}`);
  }
}

/** @param {string} notes */
export function readRuns(notes) {
  try {
    return readFileSync(notes, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}
