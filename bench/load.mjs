// The clients: requests of phones and the settings page, many at a time. An error stops the benchmark: only true answers count.
import http from "node:http";
import autocannon from "autocannon";

/** Fresh each time: autocannon writes the length of the body into it. */
const jsonHeaders = () => ({ "content-type": "application/json" });
let serial = 0;

/** Never the same again: three messages to one number in ten minutes are the limit. */
function nextNumber() {
  const line = ++serial;
  return `+1${[212, 415, 503, 617, 702][line % 5]}${220 + (Math.floor(line / 50_000) % 700)}${String(Math.floor(line / 5) % 10_000).padStart(4, "0")}`;
}

const sendRequest = () => ({
  method: "POST",
  path: "/phone/pairing/send-sms",
  headers: jsonHeaders(),
  body: JSON.stringify({
    phone_number: nextNumber(),
    user_id: "user123",
    user_name: "John Doe",
  }),
});
const acceptRequest = (code) => ({
  method: "POST",
  path: "/phone/pairing/accept-invite",
  headers: jsonHeaders(),
  body: JSON.stringify({
    invite_code: code,
    device_id: `device-${++serial}`,
    device_name: "John's iPhone",
    device_type: "ios",
    os_version: "17.1",
    app_version: "1.0.0",
  }),
});
const into = (keep) => (status, body, context) => {
  if (status !== 200) throw new Error(`${status}: ${body}`);
  keep(context, JSON.parse(body));
};

/** `requests` as autocannon takes them. Answers how many a second, of wall time and of the server's CPU time. */
async function run(server, url, options) {
  const cpuBefore = server.cpu();
  const began = performance.now();
  const result = await autocannon({ url, connections: 32, timeout: 30, ...options });
  const seconds = (performance.now() - began) / 1000;
  const cpu = server.cpu() - cpuBefore;
  const answered = result["2xx"];
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${JSON.stringify(result.statusCodeStats)}, ${result.errors} errors`);
  return { perSecond: answered / seconds, perCpuSecond: answered / cpu, p50: result.latency.p50, p99: result.latency.p99 };
}

export const hello = (server, seconds) => run(server, `${server.local}/healthz`, { duration: seconds });

/** Invites and their cancellations through the local door, `connections` in flight: so many may not be pending. Answers changes. */
export const invites = (server, seconds, connections) =>
  run(server, server.local, {
    duration: seconds,
    connections,
    requests: [
      {
        setupRequest: (request) => ({ ...request, ...sendRequest() }),
        onResponse: into((context, { invite_code }) => {
          context.code = invite_code;
        }),
      },
      { setupRequest: (request, { code }) => ({ ...request, ...cancelRequest(code) }) },
    ],
  });

const cancelRequest = (code) => ({ method: "DELETE", path: `/phone/pairing/invite/${code}`, body: undefined });

async function cancelAll(server, codes) {
  const left = [...codes];
  if (left.length === 0) return;
  await run(server, server.local, {
    amount: left.length,
    connections: Math.min(64, left.length),
    requests: [{ setupRequest: (request) => ({ ...request, ...cancelRequest(left.pop()) }) }],
  });
}

/** Invite codes that wait for their phones. */
export async function makeInvites(server, amount) {
  const codes = [];
  await run(server, server.local, {
    amount,
    connections: Math.min(64, amount),
    requests: [
      {
        setupRequest: (request) => ({ ...request, ...sendRequest() }),
        onResponse: into((_context, { invite_code }) => codes.push(invite_code)),
      },
    ],
  });
  return codes;
}

export const statusReads = (server, seconds, code) => run(server, `${server.phone}/phone/pairing/invite/${code}`, { duration: seconds });

export const authenticatedCalls = (server, seconds, token) =>
  run(server, `${server.phone}/phone/me`, { duration: seconds, headers: { authorization: `Bearer ${token}` } });

/** One accept per code; there must be more codes than can be accepted in time (autocannon counts by whole seconds). */
export async function accepts(server, seconds, codes) {
  const left = [...codes];
  const figures = await run(server, server.phone, {
    duration: seconds,
    requests: [{ setupRequest: (request) => ({ ...request, ...acceptRequest(left.pop()) }) }],
  });
  await cancelAll(server, left);
  return figures;
}

/** Invite → status → accept → authenticated call, each of 32 phones one after the other. Answers whole cycles. */
export async function cycles(server, seconds) {
  // One client reaches both doors of one process by way of two targets; autocannon has one, so the local door serves all four:
  // it answers the phones' operations too.
  const { perSecond, perCpuSecond } = await run(server, server.local, {
    duration: seconds,
    requests: [
      {
        setupRequest: (request) => ({ ...request, ...sendRequest() }),
        onResponse: into((context, { invite_code }) => {
          context.code = invite_code;
        }),
      },
      { setupRequest: (request, { code }) => ({ ...request, method: "GET", path: `/phone/pairing/invite/${code}` }) },
      {
        setupRequest: (request, { code }) => ({ ...request, ...acceptRequest(code) }),
        onResponse: into((context, { jwt_token }) => {
          context.token = jwt_token;
        }),
      },
      {
        setupRequest: (request, { token }) => ({
          ...request,
          method: "GET",
          path: "/phone/me",
          headers: { authorization: `Bearer ${token}` },
        }),
      },
    ],
  });
  return { perSecond: perSecond / 4, perCpuSecond: perCpuSecond / 4 };
}

/** One phone's token. */
export async function pairOne(server) {
  const [token] = await pairPhones(server, 1);
  return token;
}

/** The token of each. Invites are made together: autocannon takes a second, however few they are. */
export async function pairPhones(server, amount) {
  const tokens = [];
  for (const code of (await makeInvites(server, amount)).slice(0, amount)) {
    const response = await fetch(`${server.phone}/phone/pairing/accept-invite`, acceptRequest(code));
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    tokens.push(JSON.parse(text).jwt_token);
  }
  return tokens;
}

/** A message that is asked for; what becomes of it is not. */
export async function sendAndForget(server) {
  const response = await fetch(`${server.local}/phone/pairing/send-sms`, sendRequest());
  await response.text();
}

/** One read after the other: how long all but the slowest hundredth take at most, in milliseconds. */
export async function slowestReads(server, code, amount) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (let read = 0; read < amount; read += 1) {
    const began = performance.now();
    await new Promise((resolve, reject) => {
      http
        .get(`${server.phone}/phone/pairing/invite/${code}`, { agent }, (response) => {
          response.resume();
          response.once("end", () => (response.statusCode === 200 ? resolve() : reject(new Error(String(response.statusCode)))));
        })
        .once("error", reject);
    });
    times.push(performance.now() - began);
  }
  agent.destroy();
  return times.sort((one, other) => one - other)[Math.floor(amount * 0.99)];
}
