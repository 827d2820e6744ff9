/** Whether the system's browser may be handed this address: a pairing link of this server's own, and nothing else. */
export function isOwnLink(address: string, baseUrl: string): boolean {
  try {
    const { protocol, origin, pathname, username, password } = new URL(address);
    if (protocol !== "https:" && protocol !== "http:") return false;
    return origin === new URL(baseUrl).origin && username + password === "" && pathname === "/pair";
  } catch {
    return false;
  }
}
