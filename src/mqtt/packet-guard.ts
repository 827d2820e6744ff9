/** The most that one MQTT packet may have: a body of the HTTP API's size, and its topic or token. */
export const MAX_PACKET = 20 * 1024;

/**
 * Checks a stream of bytes, piece by piece, and returns whether the length of each packet in it is within the limit: the broker itself
 * would hold a packet of 256 MB before it checks its size.
 */
export function createPacketGuard(largest = MAX_PACKET): (piece: Uint8Array) => boolean {
  let left = 0;
  let inLength = false;
  let length = 0;
  let shift = 0;
  return (piece) => {
    for (let at = 0; at < piece.length; ) {
      if (left > 0) {
        const step = Math.min(left, piece.length - at);
        left -= step;
        at += step;
        continue;
      }
      const byte = piece[at++] ?? 0;
      if (!inLength) {
        inLength = true;
        length = 0;
        shift = 0;
        continue;
      }
      // MQTT 3.1.1 section 2.2.3: seven bits a byte, the lowest first, four bytes at most.
      length |= (byte & 127) << shift;
      shift += 7;
      if (length > largest || (byte > 127 && shift >= 28)) return false;
      if (byte > 127) continue;
      left = length;
      inLength = false;
    }
    return true;
  };
}
