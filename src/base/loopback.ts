const OCTET = String.raw`(25[0-5]|2[0-4]\d|1?\d?\d)`;
const LOOPBACK = new RegExp(String.raw`^(localhost|127(\.${OCTET}){3}|::1|\[::1\])$`);

/** Whether a host, as a URL or a setting names it, is this computer itself: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Who asks from this computer itself, where callers differ by their addresses: at each computer it is somebody else. */
export const THIS_COMPUTER = "loopback";
