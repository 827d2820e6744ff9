import http from "node:http";

export interface Answered {
  readonly status: number;
  readonly body: any;
}

export interface Question {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** On a connection of its own instead of one that is kept alive. */
  readonly fresh?: boolean;
}

const kept = new http.Agent({ keepAlive: true, maxSockets: 512 });

/** One request, at most twenty seconds. Rejects when there was no whole answer; asks nothing twice. */
export function ask(
  address: string,
  method: string,
  path: string,
  { headers = {}, body, fresh = false }: Question = {},
): Promise<Answered> {
  const { hostname, port } = new URL(address);
  const sent = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        hostname,
        port,
        method,
        path,
        agent: fresh ? false : kept,
        timeout: 20_000,
        headers: {
          ...(sent === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(sent)) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          if (!response.complete) {
            reject(new Error("half an answer"));
            return;
          }
          const text = Buffer.concat(chunks).toString("utf8");
          try {
            resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
          } catch (cause) {
            reject(new Error(`not JSON: ${text}`, { cause }));
          }
        });
        response.on("error", reject);
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer within 20 s")));
    request.on("error", reject);
    request.end(sent);
  });
}
