import { SMS_SECRETS } from "../adapters/sms/saved-settings.ts";
import type { SecretName } from "../core/index.ts";

/** Every secret that a server may have where its secrets are; `local-key`, which belongs to a computer, is none of them. */
export const SECRET_NAMES: readonly SecretName[] = ["signing-key", "push-key", "admin-token", "ngrok-authtoken", ...SMS_SECRETS];
