import type { Message } from "../message.ts";
import { smsFailures } from "./sms-failures.ts";

/** A code whose sentence depends on the `reason` among its parameters. Without one, `default` is the sentence; it has no gaps. */
export type ErrorRow = Message | ({ readonly default: string } & Readonly<Record<string, Message>>);

const smsNotSent = {
  ...smsFailures,
  incomplete: "{{provider}} isn't fully set up. Missing: {{missing}}.",
  proxy_refused: "Nothing was sent: {{why}}.",
  aws_not_signed_in: "Nothing was sent: you're not signed in to AWS. Run {{command}}, then send again.",
  aws_no_credentials: "AWS credentials couldn't be read. Run aws configure, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
} as const;

/** Every error that a use case answers with, by its `code`. What the person sees, and what to do next. */
export const errors = {
  invalid_request: {
    default: "The request isn't valid. Check its fields and send it again.",
    not_json: "The request is not valid JSON.",
    not_http: "The request is not valid HTTP.",
    fields: "Check the field {{fields}}.",
    settings: "Check {{settings}}.",
    unknown_country: "{{country}} is not a country code.",
    other_country: "{{country}} is not a country code: use {{codes}}.",
    near_countries: "{{country}} is not a country code; the nearest are {{codes}}.",
    empty_name: "The name is empty. Enter a name of 1 to 40 characters.",
    hidden_characters: "The command contains characters that can't be read. Type it again.",
    nothing_changed: "Change something: send device_name, level, or both.",
    time_in_past: "requires_approval_by is in the past. Allow some time to answer.",
    time_too_far: "requires_approval_by is more than {{days}} days away.",
    nothing_acknowledged: "Acknowledge something: send seq, read, or both.",
    admin_token_in_use: "Device changes still require this token. Turn that setting off first.",
    message_not_json: "The message is not valid JSON in UTF-8.",
    wrong_topic: "This is a {{type}} message on the topic of {{topic}}.",
  },
  invalid_phone_number: {
    default: "This number can't receive text messages. Use the form +14155551234, country code first.",
    costly:
      "This number costs extra or can't receive text messages (premium-rate, shared-cost, pager, voicemail or short number). Use a mobile number.",
  },
  country_not_allowed:
    "Text messages to this country aren't allowed here. Use another number, or add the country to PAIRING_ALLOWED_COUNTRIES.",
  invite_not_found: "This link isn't valid. Check that it's complete, or ask for a new one in Top Dog.",
  invite_already_used:
    "This link was already used. If that wasn't you, remove the phone in Top Dog. To pair another phone, ask for a new link.",
  invite_expired: "This link has expired. Ask for a new one in Top Dog.",
  invite_cancelled: "This invite was cancelled. Ask for a new link in Top Dog.",
  otp_required: "OTP required. Enter the six digits shown next to the QR code.",
  otp_invalid: {
    default: "OTP invalid. Enter the six digits shown next to the QR code.",
    tries_left: {
      one: "OTP invalid. Enter the six digits shown next to the QR code. {{count}} try left.",
      other: "OTP invalid. Enter the six digits shown next to the QR code. {{count}} tries left.",
    },
    last_try: "OTP invalid. That was the last try, so the QR code no longer works. Create a new one in Top Dog.",
  },
  claim_closed: {
    default: "This phone wasn't confirmed in time, or other digits were typed. Accept again.",
    none_open: "No phone waits for its digits now. Accept on the phone, then type the digits it shows.",
  },
  digits_mismatch: {
    default: "No waiting phone shows these digits. Accept on the phone again, then type the new digits.",
    last_try: "No waiting phone shows these digits. That was the last try: the link no longer works. Send a new one.",
  },
  idempotency_key_reused: "This Idempotency-Key was already used with another request. Use a new key.",
  rate_limited: {
    default: "Too many requests. Wait a moment and try again.",
    try_again: "Too many requests. Try again in {{seconds:duration}}.",
    just_sent: "This link was just sent. Give it time to arrive before you resend it, or show a QR code instead.",
    open_claims: "Other phones opened this link and wait for a confirmation. Confirm one in Top Dog, or try again in two minutes.",
    unconfirmed_phones: "Too many phones already wait for a confirmation. Confirm or remove them in Top Dog under Paired phones.",
    wrong_keys: "Too many wrong keys came from this address. Try again in {{seconds:duration}}.",
    wrong_admin_tokens: "Too many wrong admin tokens came from this address. Try again in {{seconds:duration}}.",
    wrong_codes: "Too many wrong codes. Wait ten minutes, then get a new one.",
  },
  too_many_invites: "There are already 10,000 pending invites. Wait until some expire, or cancel the ones you don't need.",
  sms_budget_exceeded: "No more text messages can be sent to this number for now. Wait, or share the link another way.",
  sms_send_failed: { default: "The text message couldn't be sent.", ...smsNotSent },
  sms_outcome_unknown: { default: "We couldn't confirm that the message was sent. Check the phone before you resend.", ...smsNotSent },
  sms_number_rejected: { default: "The text message provider doesn't accept this number. Check it, or use another one.", ...smsNotSent },
  sms_opted_out: { default: smsFailures.opted_out, ...smsNotSent },
  sms_region_blocked: {
    default: "The text message provider isn't allowed to text this country. Allow it in the provider's geographic permissions.",
    ...smsNotSent,
  },
  sms_settings_incomplete: {
    default: "The selected text message provider isn't fully set up. Fill in what's missing.",
    incomplete: smsNotSent.incomplete,
  },
  setting_locked: {
    default: "This setting comes from the environment, or from the IDE that started Top Dog. Change it there and restart Top Dog.",
    variable: "Set by {{variable}}. Change it there and restart Top Dog.",
    base_url:
      "Links use the address in PAIRING_BASE_URL, so a tunnel would have no effect. Remove it from the environment and restart Top Dog.",
  },
  tunnel_program_unusable: {
    default: "This file can't be used as cloudflared. Select the program itself, or leave the field empty to find it automatically.",
    not_found: "There's no file at this path. Enter the full path of cloudflared.",
    unusable: "{{why}}",
  },
  tunnel_running: "The tunnel is running, and phones may be using it. Stop it before you change its provider.",
  secrets_unavailable: {
    default: "The secret couldn't be saved, so nothing was changed. Unlock or repair the secret store, then try again.",
    sms: "No text message can be sent: {{why}}",
    sms_unreadable: "No text message can be sent: the saved secrets can't be read.",
    authtoken_not_saved: "The authtoken couldn't be saved, so nothing was changed. {{why}}",
    authtoken_not_removed: "The authtoken is no longer used, but couldn't be deleted. {{why}}",
    authtoken_gone: "The saved authtoken is gone. Save it again.",
    admin_token_unreadable: "The admin token can't be read. {{why}}",
    admin_token_gone: "The saved admin token is gone. Start Top Dog with ADMIN_TOKEN set.",
    admin_token_not_saved: "The admin token couldn't be saved, so nothing was changed. {{why}}",
    admin_token_not_removed: "The admin token no longer works, but couldn't be deleted. {{why}}",
  },
  bad_signature: "This report isn't signed by the text message provider. Set PAIRING_BASE_URL to the address it was sent to.",
  device_not_found: {
    default: "No paired phone has this id. It may have been revoked already.",
    none_active: "No active phone can answer. Pair one, reactivate one, or give one the permission to.",
    none_of_user: "No active phone of {{user}} can answer. Pair one, reactivate one, or give one the permission to.",
  },
  device_id_taken:
    "Another paired phone has this device id, and this link can't replace it. Open Top Dog on your computer and pair the phone with a link from there, or revoke the other one first.",
  device_ambiguous: {
    default: "Two users have a phone with this id. Add ?user_id= to say which one you mean.",
    body: "Two users have a phone with this id. Add user_id to say which one you mean.",
  },
  user_required:
    "Several users have paired phones. Name one of them with user_id (on the command line: --user), or everybody with all (--all).",
  forbidden_level: {
    default: "This phone isn't allowed to do this. Change its permissions in Top Dog on your computer, under Paired phones.",
    answer:
      "This phone isn't allowed to answer approvals. Change its permissions in Top Dog on your computer, under Paired phones, or answer there.",
    command: "This phone isn't allowed to give commands. Change its permissions in Top Dog on your computer, under Paired phones.",
    raise: "This would give the phone more permissions than it has. Change them on Top Dog's settings page, or send the admin token.",
  },
  device_suspended: "This phone is suspended. Reactivate it in Top Dog to continue.",
  device_unconfirmed: "This phone isn't confirmed yet. In Top Dog on your computer, confirm it under Paired phones.",
  handoff_not_found:
    "This code isn't valid: it was used already, or is older than ten minutes. Get a new one in the browser in which this phone is paired: open the inbox, then This phone.",
  device_mismatch: "This request is for another phone than the one its token belongs to. Send the id of the phone that asks.",
  approval_not_found: "No approval has this id. It may have ended long ago.",
  too_many_approvals: {
    default: "Too many approvals are already waiting for an answer. Answer or cancel some of them, then ask again.",
    just_rejected: "The same request was just rejected. Ask again in {{seconds:duration}}.",
    project_rejected: "{{count}} approvals of this project were rejected within a minute. Ask again in {{seconds:duration}}.",
  },
  already_decided: {
    default: "This was already decided. Check the answer before you ask again.",
    approved: "This was already approved.",
    rejected: "This was already rejected.",
    approved_on_phone: "This was already approved on {{device}}, {{at}}.",
    rejected_on_phone: "This was already rejected on {{device}}, {{at}}.",
    approved_on_computer: "This was already approved on the computer, {{at}}.",
    rejected_on_computer: "This was already rejected on the computer, {{at}}.",
  },
  answers_on_phones_only:
    "Approvals are answered on phones only. Answer on a phone, or change “Answers at this computer” in Top Dog's settings (PAIRING_ANSWERS_AT_COMPUTER).",
  approval_changed: "The content has changed since it was shown. Open the approval again, read it, then answer.",
  number_mismatch: {
    default: "That isn't the number that the computer shows. One more wrong number rejects this request.",
    missing: "This request has a high risk. To approve it, choose the number that the computer shows.",
    rejected: "That was the second wrong number, so this request was rejected.",
  },
  approval_expired: "No answer in time, so this approval has expired. Ask again.",
  approval_cancelled: "This approval was cancelled by the program that requested it.",
  voice_handler_not_found: "This handler isn't registered, or it stopped asking. Register it again.",
  voice_command_not_found: "No such command is waiting for its result.",
  notification_not_found: "No notification has this id. Notifications are kept for a week.",
  push_unavailable: {
    default: "Notifications can't be turned on at this address. Use a permanent https address.",
    not_https:
      "Notifications need a permanent https address. In Top Dog on your computer, set one under Phone reachability, then pair this phone again there.",
    changing_address:
      "This address changes whenever the tunnel restarts, and notifications would stop with it. In Top Dog on your computer, set a permanent https address under Phone reachability, then pair this phone again there.",
  },
  push_service_not_allowed:
    "Top Dog doesn't know this browser's push service. Use another browser, or allow the service in Top Dog's settings, under More push services.",
  token_missing: "A device token is required: send it as Authorization: Bearer <token>.",
  token_invalid: "This device token isn't valid. Pair the phone again.",
  token_expired: "This device token has expired. Pair the phone again.",
  token_revoked: "This phone was revoked. Pair it again to continue.",
  local_key_required:
    "Only programs of the account that runs Top Dog may ask for this. Send the content of the file local_key in its storage folder as x-local-key.",
  window_required: {
    default: "Only a person in Top Dog's window may do this. Open the settings page with the link that the server printed at its start.",
    no_admin_token:
      "Only a person in Top Dog's window may do this, and this server has no admin token. Open the settings page with the link that the server printed at its start, or start the server with ADMIN_TOKEN.",
    former_link: "This link isn't valid. The server was restarted since: open the link that it printed last.",
  },
  admin_token_required: "An admin token is required: send it as x-admin-token.",
  admin_token_invalid: "This admin token is wrong. Compare it with ADMIN_TOKEN on the server.",
  storage_unavailable: {
    default: "The change couldn't be written to disk, so nothing was changed. Free up space or repair the storage folder, then try again.",
    outcome_unknown:
      "The connection to the database was lost, so it's unknown whether the change was made. Send the request again with the same Idempotency-Key, or check first whether it was made.",
    audit_unreadable: "The audit log can't be read right now. Check the files pairing_audit*.jsonl in the storage folder, then try again.",
    audit_not_written:
      "The new key {{kid}} is now used to sign, but the audit log couldn't be written. Free up space or repair the storage folder. Don't rotate the key again because of this.",
  },
  server_stopping: "The server is stopping. Send the request again in a moment.",
  keys_unavailable: {
    default: "Your computer can't check this phone's sign-in right now. Unlock its keychain, then try again.",
    cannot_finish: "Your computer can't finish pairing right now. Unlock its keychain, then tap Accept again.",
    cannot_pair: "No phone can be paired right now. {{why}}",
    cannot_pair_key: "No phone can be paired right now. The signing key can't be used. Try again.",
    cannot_rotate: "The key was not replaced. {{why}}",
    cannot_rotate_key: "The key was not replaced. The signing key can't be used. Try again.",
    push: "Notifications can't be turned on right now. Unlock your computer's keychain, then try again.",
    secrets: "{{why}}",
  },
  keys_elsewhere: {
    default:
      "The signing key comes from the environment. Replace it there, with the previous public key after it, so that paired phones stay paired.",
    fixed: "This server keeps its secrets in the place its environment specifies. Only the desktop app lets you choose.",
  },
} as const satisfies Record<string, ErrorRow>;

/** Errors that only a door can answer with: the request never reached a use case. */
export const httpErrors = {
  not_found: "There is nothing at this address.",
  path_moved: {
    default: "The paths under /desk have moved to /admin. Use the new path.",
    moved: "{{old}} has moved. Use {{new}} instead.",
  },
  method_not_allowed: "This address doesn't support this method. See the Allow header.",
  request_incomplete: "The request didn't arrive completely in time. Send it again.",
  payload_too_large: "The request is larger than 16 KiB.",
  websocket_expected: "This is the message channel: open it as a version 13 WebSocket with the sub-protocol mqtt.",
  uri_too_long: "The address is longer than 4 KiB.",
  unsupported_media_type: {
    default: "Send JSON in UTF-8, uncompressed, with Content-Type: application/json.",
    form: "Send a form in UTF-8, uncompressed, with Content-Type: application/x-www-form-urlencoded.",
  },
  host_not_allowed: "This server doesn't answer to that host name. Use the address it printed at start.",
  headers_too_large: "The request's headers are larger than 16 KiB.",
  cross_site:
    "Another site isn't allowed to send this request. Open the page itself, or allow the site in Top Dog's settings, under Allowed origins.",
  tunnel_at_local_door: {
    default: "A tunnel points at the local door.",
    port: "A tunnel points at the local door. Point it at port {{port}}.",
  },
  too_many_connections: "Too many phones are connecting at once. Try again in a minute.",
  internal_error: "Something went wrong on the server. Its log has the details.",
} as const satisfies Record<string, ErrorRow>;
