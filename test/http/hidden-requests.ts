import { connect } from "node:net";

const POST = "POST /phone/pairing/accept-invite HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";

/** A request inside another whose end may be read in two ways. `hidden` is whole, headers and body. */
export const HIDING_PLACES: Readonly<Record<string, (hidden: string) => string>> = {
  "CL.TE": (hidden) => `${POST}Content-Length: ${hidden.length + 5}\r\n${CHUNKED}\r\n0\r\n\r\n${hidden}`,
  "TE.CL": (hidden) => `${POST}${CHUNKED}Content-Length: 4\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  "two lengths": (hidden) => `${POST}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  "a list of lengths": (hidden) => `${POST}Content-Length: 0, ${hidden.length}\r\n\r\n${hidden}`,
  "a length with a sign": (hidden) => `${POST}Content-Length: +${hidden.length}\r\n\r\n${hidden}`,
  "a length in hex": (hidden) => `${POST}Content-Length: 0x0\r\n\r\n${hidden}`,
  "a length in a bare line": (hidden) => `${POST}X: y\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  "a length after a bare CR": (hidden) => `${POST}X: y\rContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  "a folded length": (hidden) => `${POST}X: y\r\n Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
  "a length before its colon": (hidden) => `${POST}Content-Length : ${hidden.length}\r\n\r\n${hidden}`,
  "a folded encoding": (hidden) => `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${hidden}`,
  "an encoding before its colon": (hidden) => `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
  xchunked: (hidden) => `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
  identity: (hidden) => `${POST}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
  "chunked, then identity": (hidden) => `${POST}${CHUNKED}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
  "a tabulator before chunked": (hidden) => `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${hidden}`,
  "a NUL in a value": (hidden) => `${POST}X: a\0b\r\n\r\n${hidden}`,
  "a NUL in a name": (hidden) => `${POST}X\0: a\r\n\r\n${hidden}`,
  "a chunk size with a sign": (hidden) => `${POST}${CHUNKED}\r\n+0\r\n\r\n${hidden}`,
  "a chunk size in 0x": (hidden) => `${POST}${CHUNKED}\r\n0x0\r\n\r\n${hidden}`,
  "a chunk size beyond all": (hidden) => `${POST}${CHUNKED}\r\n${"f".repeat(17)}\r\n${hidden}`,
  "a chunk longer than it says": (hidden) => `${POST}${CHUNKED}\r\n1\r\n{}}\r\n0\r\n\r\n${hidden}`,
  "chunks in bare lines": (hidden) => `${POST}${CHUNKED}\r\n0\n\n${hidden}`,
  "a length among the trailers": (hidden) => `${POST}${CHUNKED}\r\n0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
};

export interface Exchange {
  /** Status of each answer, in order. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/** Sends bytes over a connection of their own and listens until the server closes it. */
export function exchange(address: string, bytes: string): Promise<Exchange> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes, "latin1"));
    socket.setEncoding("latin1").on("data", (some: string) => (text += some));
    // A reset is a close as well: what was answered before it counts.
    socket.on("error", () => undefined);
    socket.on("close", () =>
      resolve({ text, statuses: [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status)) }),
    );
  });
}
