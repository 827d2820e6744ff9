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

const persistent = new http.Agent({ keepAlive: true, maxSockets: 512 });

/**
 * One request, at most twenty seconds. Rejects when there was no whole answer. Only reads are asked twice: a kept connection may
 * be closed by the server just as it is used, as after a revocation.
 */
export async function ask(address: string, method: string, path: string, question: Question = {}): Promise<Answered> {
  try {
    return await askOnce(address, method, path, question);
  } catch (cause) {
    const { code } = ((cause as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (method !== "GET" || question.fresh || code !== "ECONNRESET") throw cause;
    return askOnce(address, method, path, { ...question, fresh: true });
  }
}

function askOnce(address: string, method: string, path: string, { headers = {}, body, fresh = false }: Question): Promise<Answered> {
  const { hostname, port } = new URL(address);
  const sent = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        hostname,
        port,
        method,
        path,
        agent: fresh ? false : persistent,
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
            request.destroy(new Error("half an answer"));
            return;
          }
          const text = Buffer.concat(chunks).toString("utf8");
          try {
            resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
          } catch (cause) {
            reject(new Error(`not JSON: ${text}`, { cause }));
          }
        });
        response.on("error", (cause) => request.destroy(cause));
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer within 20 s")));
    request.on("error", (cause) => {
      const connection = request.reusedSocket ? "a kept connection" : "a new connection";
      reject(new Error(`${method} ${path} on ${connection}: ${cause.message}`, { cause }));
    });
    request.end(sent);
  });
}
