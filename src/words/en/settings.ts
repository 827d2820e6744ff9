/** What each setting does, by its variable. */
export const settings = {
  PAIRING_ALLOWED_COUNTRIES: "Countries that text messages may go to: two-letter codes, separated by commas.",
  PAIRING_BASE_URL: "Where phones reach the phone door: the tunnel's or ingress's public address. Links are built from it alone.",
  PAIRING_CLOUDFLARED: "The cloudflared program that the settings page's tunnel runs.",
  NGROK_AUTHTOKEN: "The authtoken of your ngrok account, for the settings page's tunnel where ngrok is chosen to run it.",
  PAIRING_INVITE_EXPIRY_MINUTES: "How long a link stays good.",
  PAIRING_TOKEN_EXPIRY_DAYS: "How long a paired phone's token is good.",
  PAIRING_STORAGE_PATH:
    "The folder that holds sessions, devices, revocations and the audit trail. `~` and `$HOME` at its start are understood.",
  PAIRING_DATABASE_URL:
    "The PostgreSQL database that holds sessions, devices, revocations, the audit trail and saved settings instead of the storage folder, so that several servers can share them.",
  PAIRING_DATABASE_MIGRATION_URL:
    "The address under which topdog-phone migrate reaches the same database: directly, not through a connection pooler, and with an account that may make tables. Without it, PAIRING_DATABASE_URL is used.",
  PAIRING_DATABASE_MIGRATE: "The server makes or updates the database's tables itself when it starts. Off: topdog-phone migrate does.",
  PAIRING_SECRETS_KEY:
    "The key that encrypts secrets in the database, which all its servers share then: base64 of 32 bytes (openssl rand -base64 32). Of several, with commas between them, the first encrypts and all decrypt. Without it, each server has its own secrets.",
  PAIRING_HOST: "The local door's address. Anything but loopback needs the admin gate.",
  PAIRING_PORT: "The local door's port; 0 takes a free one.",
  PAIRING_PHONE_HOST: "The phone door's address.",
  PAIRING_PHONE_PORT: "The phone door's port; 0 takes a free one. Point the tunnel here.",
  PAIRING_LOG:
    "Where the headless server's log goes: JSON lines on standard output (stdout) unless that is a terminal, the file logs/Top Dog-topdog.log in the storage folder (file), or both. The desktop app always writes the file.",
  PAIRING_LOG_LEVEL:
    "How much is in the log. debug adds a line for each request: its operation, status and milliseconds, and its id, which is in the answer's X-Request-Id as well.",
  PAIRING_METRICS_HOST:
    "The address of PAIRING_METRICS_PORT. Everybody who reaches it can read the metrics: they hold counts and times, no names, numbers or addresses.",
  PAIRING_METRICS_PORT: "A port of its own for metrics in Prometheus's format, at /metrics; 0 takes a free one. Without it there is none.",
  PAIRING_ALLOWED_HOSTS: "More host names the local door answers to, separated by commas.",
  PAIRING_ALLOWED_ORIGINS: "Web pages (origins) that may call the local door, separated by commas.",
  PAIRING_LOCAL_TRUST_PROXY: "Addresses or networks whose forwarding headers the local door accepts, separated by commas.",
  PAIRING_TRUST_PROXY:
    "Addresses or networks whose X-Forwarded-For (or Forwarded, where there is no X-Forwarded-For) the phone door believes, separated by commas. A proxy that writes Forwarded must remove X-Forwarded-For from what it passes on.",
  PHONE_DEVICES_REQUIRE_ADMIN:
    "Listing and changing devices and sessions asks for the admin token. Asking phones and notifying them does not.",
  PAIRING_LOCAL_AUTH:
    "The local door tells its callers apart: other accounts of this computer may not ask, and only a person in front of the window may change settings or answer. Off: everybody on this computer may do everything.",
  PAIRING_CONFIRM:
    "Whether a new phone is paired only after somebody at the computer has typed the two digits it shows: never, for phones that scanned a QR code (qr-only), or always. A forwarded link is of no use to others then.",
  PAIRING_ANSWERS_AT_COMPUTER:
    "Where approvals can be answered besides phones: in the window, by a person at the computer (window), or nowhere else (never). With never, a person at an unlocked computer, or a program that controls its screen, can't answer in your place.",
  PAIRING_OPEN_LINK: "Whether the server prints the link that opens the settings page. never: the page asks for the admin token.",
  ADMIN_TOKEN: "The admin token, sent as x-admin-token.",
  PAIRING_JWT_PRIVATE_KEY:
    "The RSA signing key (PEM, PKCS#8) for servers that keep keys elsewhere. Without it, the desktop app uses the keychain, the headless server signing_key.pem in the storage folder.",
  PAIRING_QR_REQUIRE_OTP: "A phone that scanned a QR code must type the one-time password that Top Dog shows beside it.",
  PAIRING_QR_EMBED_OTP:
    "The one-time password is in the QR code itself, so nobody types it. Smoother, and no protection against a photographed code.",
  PAIRING_QR_EXPIRY_MINUTES: "How long a QR code stays good.",
  PAIRING_MQTT_BROKER:
    "A broker of your own. A host name is only passed on to phones; an address (mqtts://, wss://, mqtt://, ws://) is a Mosquitto with its dynamic security plugin, which Top Dog connects to.",
  PAIRING_MQTT_PUBLIC_URL: "Where phones reach that broker, if that is another address than Top Dog's.",
  PAIRING_MQTT_USERNAME: "The broker's user that manages its dynamic security, for Top Dog.",
  PAIRING_MQTT_PASSWORD: "That user's password.",
  PAIRING_RATE_LIMIT_SCALE:
    "A factor on every request limit, for benchmarks and big hosts. Above 1 it also shortens the wait before a link is texted again.",
  PAIRING_SMS_PER_NUMBER_PER_DAY: "Text messages to one number in 24 hours.",
  PAIRING_SMS_PER_DAY: "Text messages of this host in 24 hours.",
  PAIRING_SESSION_RETENTION_DAYS: "How long finished sessions are stored.",
  PAIRING_DEVICE_RETENTION_DAYS: "How long revoked phones stay in the list. Their tokens stay revoked either way.",
  PAIRING_AUDIT_RETENTION_DAYS: "How long lines of the audit trail are stored.",
  PAIRING_AUDIT_MAX_MB:
    "How many megabytes the audit trail may take on disk. When it is larger, its oldest parts are deleted, which the trail says.",
  PAIRING_USER_ID: "Whose phones the settings page pairs, and which phones are asked and notified where a request names none.",
  PAIRING_USER_NAME: "The name that greets in the text message.",
  PAIRING_LANGUAGE:
    "The language of people whose own is not known: of text messages, where a request names none, of phones' pages, and of the command line.",
  PAIRING_COUNTRY: "The country of numbers typed without a country code.",
  PAIRING_SNS_INSTANCE_ROLE:
    "AWS SNS may ask the network for the credentials of the EC2 instance it runs on. Without it no request goes to the metadata address.",
  PAIRING_QUIET_HOURS:
    "When notifications wake no phone, in the time zone of this computer, like 22:00-07:00. The inbox has everything all the same.",
  PAIRING_QUIET_LET_URGENT_THROUGH: "Approvals and critical news wake phones in quiet hours, too.",
  PAIRING_PUSH_NOT_AT_DESK:
    "Notifications wake no phone while somebody uses this computer, which shows the same: mouse or keyboard were touched in the last two minutes. Only the desktop app knows; elsewhere phones are woken.",
  PAIRING_PUSH_SERVICES:
    "Push services that phones may be woken through, beside those of Apple, Google, Microsoft and Mozilla: host names, or whole addresses of your own network's, separated by commas.",
  PAIRING_SMS_APPROVALS:
    "An approval that reaches a person in no other way is announced by text message, to the number that the phone was paired with. Phones that were paired by QR code have none. Quiet hours apply.",
  PAIRING_SMS_APPROVALS_PER_DAY:
    "Text messages about approvals to one number in 24 hours, apart from those that pair: at most one in ten minutes, and five times as many of this host.",
  SMS_PROVIDER:
    "Who sends text messages. auto: the first that is complete of {{providers}}, else mock. AWS SNS is complete when a region and credentials are in the environment or AWS's files.",

  // The providers of text messages
  TWILIO_ACCOUNT_SID: "The Twilio account that sends text messages. Twilio console, Account Info.",
  TWILIO_AUTH_TOKEN: "The account's auth token. Delivery reports are signed with it, so it is useful beside an API key, too.",
  TWILIO_API_KEY_SID: "An API key, instead of the auth token.",
  TWILIO_API_KEY_SECRET: "The API key's secret.",
  TWILIO_PHONE_NUMBER: "The number that messages come from.",
  TWILIO_MESSAGING_SERVICE_SID: "A messaging service, instead of the number.",
  PAIRING_TWILIO_BASE_URL: "A Twilio-compatible endpoint: https, or an address of this computer.",
  PAIRING_SNS_SENDER_ID: "The name that AWS SNS messages come from, where a country allows names.",
  PAIRING_SNS_MAX_PRICE: "The most that AWS SNS may spend on one message, in US dollars.",
  VONAGE_API_KEY: "The Vonage account that sends text messages. Vonage dashboard, API settings.",
  VONAGE_API_SECRET: "The account's API secret.",
  VONAGE_SENDER: "The number or name that messages come from.",
  VONAGE_SIGNATURE_SECRET:
    "The signature secret of the account: delivery reports are signed with it. Without it deliveries are not reported.",
  PAIRING_VONAGE_BASE_URL: "Another of Vonage's regions, or a compatible endpoint: https, or an address of this computer.",
} as const;

/** The defaults that are no fixed value, in words. */
export const settingDefaults = {
  PAIRING_ALLOWED_COUNTRIES: "every country",
  PAIRING_BASE_URL: "https://pair.topdog-ide.com; in mock mode the phone door's own address",
  PAIRING_CLOUDFLARED: "looked for on PATH and where installers put it",
  PAIRING_STORAGE_PATH: "~/.topdog/pairing",
  PAIRING_MQTT_BROKER: "the host of PAIRING_BASE_URL",
  PAIRING_MQTT_PUBLIC_URL: "the address in PAIRING_MQTT_BROKER",
  PAIRING_USER_ID: "the account's login name",
  PAIRING_USER_NAME: "the account's full name",
  PAIRING_LANGUAGE: "en; on the command line and the desktop, the system's language",
  PAIRING_COUNTRY: "from the system's language",
  PAIRING_QUIET_HOURS: "no quiet hours",
} as const;
