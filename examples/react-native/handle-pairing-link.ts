/** What the app brings along: React Native's `Platform`, expo-secure-store, expo-crypto, React Navigation, and its own device facts. */
export interface PhoneApp {
  readonly Platform: { readonly OS: string; readonly Version: string | number };
  readonly SecureStore: { setItemAsync(key: string, value: string): Promise<void> };
  readonly navigation: { navigate(screen: "PairingSuccess"): void };
  /** Made once and kept: pairing the same id again replaces the phone instead of adding one. */
  readonly getDeviceId: () => Promise<string>;
  readonly getDeviceName: () => Promise<string>;
  readonly randomUUID: () => string;
  readonly showError: (text: string) => void;
}

/** `https://pair.mycompany.com/pair?code=…`. A pattern, because React Native's `URL` could not always read a query. */
const PAIRING_LINK = /^(https?:\/\/[^/?#]+)\/pair\?(?:[^#]*&)?code=([\w-]+)/;

/** One key per link: when an answer is lost, asking again with the same key gets it instead of "already used". */
const requestKeys = new Map<string, string>();

/**
 * Accepts the invite of a pairing link. Call it once the person has tapped "Accept", never because a link was opened.
 *
 * Keeps the token as `jwt_token`, and as `pairing_address` where to send it from now on: a phone cannot reach the computer's
 * `localhost`, so everything goes to the address that the link came with.
 */
export async function handlePairingLink(url: string, app: PhoneApp): Promise<void> {
  const [, address, inviteCode] = PAIRING_LINK.exec(url) ?? [];
  if (address === undefined || inviteCode === undefined) {
    app.showError("Failed: This is not a pairing link. Open the link in the text message again.");
    return;
  }
  const requestKey = requestKeys.get(inviteCode) ?? app.randomUUID();
  requestKeys.set(inviteCode, requestKey);
  const phone = {
    device_id: await app.getDeviceId(),
    device_name: await app.getDeviceName(),
    device_type: app.Platform.OS, // "ios" or "android"
    os_version: String(app.Platform.Version), // a number on Android; the API takes text
    app_version: "1.0.0",
  };

  let response: Response;
  try {
    response = await fetch(`${address}/phone/pairing/accept-invite`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": requestKey },
      body: JSON.stringify({ invite_code: inviteCode, ...phone }),
    });
  } catch {
    app.showError("Failed: Your computer does not answer. Check the connection, then tap Accept again.");
    return;
  }

  const data = (await response.json()) as { jwt_token: string; detail: string };
  if (!response.ok) {
    app.showError(`Failed: ${data.detail}`);
    return;
  }
  await app.SecureStore.setItemAsync("jwt_token", data.jwt_token);
  await app.SecureStore.setItemAsync("pairing_address", address);
  app.navigation.navigate("PairingSuccess");
}
