export const settingRules = {
  named: "{{name}} {{rule}}",
  explained: "{{name}}: {{rule}}",
  explainedWithValue: "{{name}}: {{rule}} (der Wert ist {{value}})",

  oneOf: "muss eines davon sein: {{words}}",
  wholeNumber: "muss eine ganze Zahl von {{from}} bis {{to}} sein",
  positiveNumber: "muss eine positive Zahl sein",
  hostName: "muss ein Hostname oder eine Adresse sein",
  networks: "müssen Adressen, Netzwerke wie 10.0.0.0/8 oder das Wort loopback sein, durch Kommas getrennt",
  countryCode: "muss ein zweibuchstabiger Ländercode sein",
  countryCodes: "müssen zweibuchstabige Ländercodes wie US sein, durch Kommas getrennt",
  webAddress: "muss eine Webadresse ohne Pfad sein, wie https://pair.mycompany.com",
  brokerAddress: "muss eine Adresse wie mqtts://mqtt.mycompany.com sein, ohne Name und Passwort darin",
  brokerOrHost:
    "muss ein Hostname sein oder eine Adresse, die mit mqtt://, mqtts://, ws:// oder wss:// beginnt und weder Name noch Passwort enthält",
  secretsKeys: "muss Base64 von 32 Bytes sein, oder mehrere davon mit Kommas dazwischen. Dies erzeugt einen: openssl rand -base64 32",
  secretsKeyAlone: "wird nur mit einer Datenbank verwendet: Setzen Sie PAIRING_DATABASE_URL, oder entfernen Sie es",
  databaseAddress: "muss eine Adresse wie postgres://user:password@db.mycompany.com:5432/topdog sein",
  credential: "muss aus Buchstaben, Ziffern und Zeichen ohne Leerzeichen bestehen",
  httpsOrLoopback: "muss mit https:// beginnen oder eine Adresse dieses Computers sein",
  quietHours: "müssen zwei verschiedene Zeiten sein, wie 22:00-07:00",
  pushServices:
    "müssen Hostnamen wie push.example.com oder *.push.example.com sein, oder ganze Adressen wie https://push.example.com:8443, durch Kommas getrennt",
  programPath: "muss der ganze Pfad des Programms sein",
  authtoken: "muss das Authtoken allein sein, ohne Leerzeichen",
  noNul: "darf kein NUL-Zeichen enthalten",
  oneHeaderLine: "muss eine Zeile ohne Steuerzeichen sein: Es wird in einem Header gesendet",
  atMostCharacters: "darf höchstens {{most}} Zeichen haben",
  userId: "darf keine unsichtbaren Zeichen enthalten und kein Schritt eines Pfads sein",

  bothGiven: "und {{fileVariable}} sind beide gesetzt: Behalten Sie eines",
  fileEmpty: "die Datei {{file}} ist leer",
  fileUnreadable: "die Datei {{file}} ist nicht lesbar ({{why}})",
  notText: "sie ist kein Text in UTF-8 oder UTF-16",
  notPlainFile: "sie ist keine gewöhnliche Datei",
  unknownError: "unbekannter Fehler",
  shellSyntax: "beginnt mit {{start}}, was nur eine Shell versteht: Schreiben Sie den ganzen Pfad oder ~/ für das Benutzerverzeichnis",
  noHome: "nennt das Benutzerverzeichnis, und dieses Konto hat keines: Schreiben Sie den ganzen Pfad",
  noStorageFolder: "dieses Konto hat kein Benutzerverzeichnis; nennen Sie den Ordner für alles, was aufbewahrt werden muss",

  brokerLogin:
    "ist eine Adresse, mit der sich Top Dog verbindet: Setzen Sie auch PAIRING_MQTT_USERNAME und PAIRING_MQTT_PASSWORD, oder nennen Sie nur den Host",
  gateWithoutToken:
    "ist an, aber ADMIN_TOKEN ist leer: Setzen Sie ADMIN_TOKEN (oder ADMIN_TOKEN_FILE), erstellen Sie eines auf der Einstellungsseite, oder schalten Sie dies aus",
  gateTokenNotShared: "ist an, und diese Server teilen keine Geheimnisse: Setzen Sie ADMIN_TOKEN auf allen, oder PAIRING_SECRETS_KEY",
  localAuthOff:
    "PAIRING_LOCAL_AUTH ist aus: Jedes Konto und Programm auf diesem Computer kann Smartphones koppeln, für Sie antworten und Einstellungen ändern.",
  openToNetwork:
    "{{host}} öffnet den lokalen Zugang für das Netzwerk: Setzen Sie PHONE_DEVICES_REQUIRE_ADMIN=1 und ADMIN_TOKEN, oder verwenden Sie 127.0.0.1",

  notOnThisPage: "nennt etwas, das keine Einstellung dieser Seite ist",
  secretInFile: "{{name}} ist ein Geheimnis und gehört in die Umgebung oder auf die Einstellungsseite",
  notSavable: "{{name}} ist keine Einstellung, die dort gesichert werden kann",
  notQuoted: "{{name}} muss ein Text in Anführungszeichen sein",
  fileUnusable:
    "{{file}} kann nicht verwendet werden: {{faults}}. Berichtigen Sie das in der Datei, oder legen Sie die Datei beiseite, und starten Sie noch einmal.",

  unknownVariable: "{{name}} ist keine Einstellung und wird ignoriert. docs/configuration.md listet alle auf.",
  misspelt: "{{name}} ist keine Einstellung und wird ignoriert. Meinten Sie {{nearest}}?",
  tokenShort: "ist so kurz, dass es erraten werden kann",
  tokenMonotonous: "hat zu wenige verschiedene Zeichen und könnte erraten werden",
  tokenSample: "ist aus einem bekannten Beispiel gemacht und könnte erraten werden",
  weakToken: "ADMIN_TOKEN {{why}}. Erstellen Sie ein besseres: openssl rand -hex 32",
} as const;
