/** What is wrong with a setting. A rule follows the name of its setting, or stands behind the name and a colon. */
export const settingRules = {
  // The line at the start, and in `doctor`
  named: "{{name}} {{rule}}",
  explained: "{{name}}: {{rule}}",
  explainedWithValue: "{{name}}: {{rule}} (it is {{value}})",

  // The form of a value
  oneOf: "must be one of {{words}}",
  wholeNumber: "must be a whole number from {{from}} to {{to}}",
  positiveNumber: "must be a positive number",
  hostName: "must be a host name or an address",
  networks: "must be addresses, networks like 10.0.0.0/8, or the word loopback, separated by commas",
  countryCode: "must be a two-letter country code",
  countryCodes: "must be two-letter country codes like US, separated by commas",
  webAddress: "must be a web address without a path, like https://pair.mycompany.com",
  brokerAddress: "must be an address like mqtts://mqtt.mycompany.com, without a name and a password in it",
  brokerOrHost: "must be a host name, or an address that begins with mqtt://, mqtts://, ws:// or wss:// and holds no name and no password",
  secretsKeys: "must be base64 of 32 bytes, or several of these with commas between them. This makes one: openssl rand -base64 32",
  secretsKeyAlone: "is only used with a database: set PAIRING_DATABASE_URL, or remove it",
  databaseAddress: "must be an address like postgres://user:password@db.mycompany.com:5432/topdog",
  credential: "must be letters, digits and signs without spaces",
  httpsOrLoopback: "must begin with https://, or be an address of this computer",
  quietHours: "must be two different times like 22:00-07:00",
  pushServices:
    "must be host names like push.example.com or *.push.example.com, or whole addresses like https://push.example.com:8443, separated by commas",
  programPath: "must be the whole path of the program",
  authtoken: "must be the authtoken alone, without spaces",
  noNul: "must not hold a NUL character",
  oneHeaderLine: "must be one line without control characters: it is sent in a header",
  atMostCharacters: "must have at most {{most}} characters",
  userId: "must not hold invisible characters, nor be a step of a path",

  // A value in a file, and a path
  bothGiven: "and {{fileVariable}} are both set: keep one",
  fileEmpty: "the file {{file}} is empty",
  fileUnreadable: "the file {{file}} cannot be read ({{why}})",
  notText: "it is no text in UTF-8 or UTF-16",
  notPlainFile: "it is no plain file",
  unknownError: "unknown error",
  shellSyntax: "begins with {{start}}, which only a shell understands: write the whole path, or ~/ for the home folder",
  noHome: "names the home folder, and this account has none: write the whole path",
  noStorageFolder: "this account has no home folder; name the folder that holds what must be kept",

  // Between settings
  brokerLogin:
    "is an address that Top Dog connects to: set PAIRING_MQTT_USERNAME and PAIRING_MQTT_PASSWORD as well, or name the host alone",
  gateWithoutToken:
    "is on but ADMIN_TOKEN is empty: set ADMIN_TOKEN (or ADMIN_TOKEN_FILE), make one in the settings page, or switch the gate off",
  gateTokenNotShared:
    "needs an admin token that all servers of the database have, and this server's stays in its own storage folder: set the same PAIRING_SECRETS_KEY, or the same ADMIN_TOKEN, at all of them and restart them",
  localAuthOff:
    "PAIRING_LOCAL_AUTH is off: every account and program on this computer can pair phones, answer for you and change settings.",
  openToNetwork: "{{host}} opens the local door to the network: set PHONE_DEVICES_REQUIRE_ADMIN=1 and ADMIN_TOKEN, or use 127.0.0.1",

  // What the settings page saves
  notOnThisPage: "names what is no setting of this page",
  secretInFile: "{{name}} is a secret, and belongs in the environment or the settings page",
  notSavable: "{{name}} is no setting that can be saved there",
  notQuoted: "{{name}} must be a text in quotation marks",
  fileUnusable: "{{file}} cannot be used: {{faults}}. Correct that in the file, or move the file away, and start again.",

  // Warnings at the start, and in `doctor`
  unknownVariable: "{{name}} is not a setting and is ignored. docs/configuration.md lists all of them.",
  misspelt: "{{name}} is not a setting and is ignored. Did you mean {{nearest}}?",
  tokenShort: "is short enough to be guessed",
  tokenMonotonous: "has too few different characters, so it could be guessed",
  tokenSample: "is made from a known sample, so it could be guessed",
  weakToken: "ADMIN_TOKEN {{why}}. Make a better one: openssl rand -hex 32",
} as const;
