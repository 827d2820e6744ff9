import { PairingError, type SmsSender } from "../../src/core/index.ts";

export function message(
  to = "+14155551234",
  text = "Hi Zoë! 👋 a=b&c d+e\n\nhttps://pair.example.com/pair?code=canary-link\n",
): Parameters<SmsSender["send"]>[0] {
  return { to, text, validSeconds: 900, reportTo: "https://pair.example.com/phone/sms/status/session.1" };
}

export async function rejectionOf(sending: Promise<unknown>): Promise<PairingError> {
  const thrown: unknown = await sending.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(thrown instanceof PairingError)) throw new Error(`no refusal: ${String(thrown)}`);
  return thrown;
}
