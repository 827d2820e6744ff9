import { closeSync, openSync, readSync } from "node:fs";
import { isIPv4 } from "node:net";
import { endianness } from "node:os";
import { setImmediate } from "node:timers/promises";

/** The addresses of a TCP connection, as `net.Socket` names them. */
export interface ConnectionAddresses {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

const ESTABLISHED = "01";
/** The kernel shows this for an account that this user namespace does not have. */
const OVERFLOW_UID = 65534;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * The account whose program is at the other end of a connection within this computer. `undefined` where that cannot be known: the
 * program is in another network namespace, has closed its end, or this is not Linux (`/proc/net/tcp`, proc(5)).
 */
export async function uidOfPeer({ localAddress, localPort, remoteAddress, remotePort }: ConnectionAddresses): Promise<number | undefined> {
  if (process.platform !== "linux") return undefined;
  if (localAddress === undefined || localPort === undefined || remoteAddress === undefined || remotePort === undefined) return undefined;
  for (const { file, address } of tablesFor(remoteAddress)) {
    const row = ` ${address(remoteAddress)}:${hexPort(remotePort)} ${address(localAddress)}:${hexPort(localPort)} ${ESTABLISHED} `;
    // While other connections come and go, one reading of the table can miss a row that stays.
    for (let reading = 0; reading < 2; reading += 1) {
      const uid = uidIn(await readTable(file), row);
      if (uid !== undefined) return uid === OVERFLOW_UID ? undefined : uid;
    }
  }
  return undefined;
}

/** A dual-stack listener sees IPv4 programs under mapped addresses; a program may use one itself. */
function tablesFor(remoteAddress: string): readonly { readonly file: string; readonly address: (ip: string) => string }[] {
  const tcp6 = { file: "/proc/net/tcp6", address: hexIPv6 };
  return isIPv4(plain(remoteAddress)) ? [{ file: "/proc/net/tcp", address: hexIPv4 }, tcp6] : [tcp6];
}

/** Readings in progress: a connection that is older than the reading may share it. */
const next = new Map<string, Promise<Buffer>>();
const current = new Map<string, Promise<unknown>>();

/** The table as it is after this call. Any number of connections cost at most two readings at a time. */
async function readTable(file: string): Promise<Buffer> {
  const waiting = next.get(file);
  if (waiting) return waiting;
  const reading = (current.get(file) ?? Promise.resolve()).then(async () => start(file));
  next.set(file, reading);
  return reading;
}

function start(file: string): Promise<Buffer> {
  const reading = next.get(file);
  next.delete(file);
  // Nothing keeps the table once it has been looked through.
  if (reading)
    current.set(
      file,
      reading.then(() => undefined),
    );
  return readWhole(file).catch(() => Buffer.alloc(0));
}

/** How long one slice of a reading may hold up other work, in milliseconds. */
const SLICE_MS = 2;
/** The kernel gives no more of the table at a time. */
const CHUNK = 4096;

/** From memory, so each chunk takes less time here than on its way through the thread pool: 10,000 sockets are 370 of them. */
async function readWhole(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const handle = openSync(file, "r");
  try {
    let sliceEnd = performance.now() + SLICE_MS;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const length = readSync(handle, chunk, 0, CHUNK, null);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
      if (performance.now() < sliceEnd) continue;
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  } finally {
    closeSync(handle);
  }
}

/** The uid of the row that has this part; `undefined` without one, or where the program has let go of the connection (inode 0). */
function uidIn(table: Buffer, part: string): number | undefined {
  const at = table.indexOf(part, 0, "latin1");
  if (at < 0) return undefined;
  const end = table.indexOf("\n", at);
  // After the state: queues, timer, retransmits, uid, timeout, inode.
  const [, , , uid, , inode] = table
    .toString("latin1", at + part.length, end < 0 ? undefined : end)
    .trim()
    .split(/\s+/);
  return inode === undefined || inode === "0" ? undefined : Number(uid);
}

function plain(ip: string): string {
  return MAPPED.exec(ip)?.[1] ?? ip;
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

function hexIPv4(ip: string): string {
  return hexWords(Buffer.from(plain(ip).split(".").map(Number)));
}

function hexIPv6(ip: string): string {
  return hexWords(bytesOfIPv6(ip));
}

/** The kernel prints addresses as 32-bit words in the byte order of the machine. */
function hexWords(bytes: Buffer): string {
  const swapped = endianness() === "LE" ? Buffer.from(bytes).swap32() : bytes;
  return swapped.toString("hex").toUpperCase();
}

function bytesOfIPv6(ip: string): Buffer {
  const bytes = Buffer.alloc(16);
  const ipv4 = plain(ip);
  if (isIPv4(ipv4)) {
    bytes.writeUInt16BE(0xffff, 10);
    Buffer.from(ipv4.split(".").map(Number)).copy(bytes, 12);
    return bytes;
  }
  const [head = "", tail] = ip.replace(/%.*$/, "").split("::");
  const groups = (text: string): number[] => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  for (const [index, group] of groups(head).entries()) bytes.writeUInt16BE(group, index * 2);
  const last = tail === undefined ? [] : groups(tail);
  for (const [index, group] of last.entries()) bytes.writeUInt16BE(group, 16 - 2 * (last.length - index));
  return bytes;
}
