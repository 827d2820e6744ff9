import { openSms, type SmsAdapter } from "../adapters/sms/open-sms.ts";
import { savedSmsFile } from "../adapters/sms/saved-settings.ts";
import type { HostContext } from "./context.ts";
import type { HostSecrets } from "./open-secrets.ts";

/** The provider of text messages. Rejects when the settings ask for one that cannot be used. */
export async function openTextMessages(
  { host, settings, shared, log, changeEvents }: HostContext,
  secrets: HostSecrets,
): Promise<SmsAdapter> {
  const sms = await openSms({
    environment: settings.sms,
    askBeforeAws: host.askBeforeAws,
    file: shared?.saved.sms ?? savedSmsFile(settings.storageFolder),
    secrets: secrets.store,
    print(block) {
      host.print(block);
      log.block(block);
    },
    log,
  });
  secrets.onChange(() => {
    sms.warmUp().then(
      () => changeEvents.emit("sms"),
      () => undefined,
    );
  });
  // A damaged secret file stops the start. Another secret store may keep the reader waiting, so the start does not wait for it.
  if (secrets.isAtHand) await sms.warmUp();
  return sms;
}
