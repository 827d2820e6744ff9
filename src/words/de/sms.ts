export const sms = {
  theProvider: "Der Anbieter",
  mock: "Testmodus",
  mockTried: "Der Testmodus gibt Nachrichten aus, statt sie zu senden. Wählen Sie zuerst einen Anbieter.",

  noProvider: "⚠ Kein SMS-Anbieter eingerichtet: Testmodus (MOCK)",
  chosenIncomplete: "⚠ {{provider}} ist gewählt, aber nicht vollständig: Es kann keine SMS gesendet werden. Es fehlt: {{missing}}",
  unused: "{{provider}} ist nicht vollständig und wird deshalb nicht verwendet. Es fehlt: {{missing}}",
  startIncomplete:
    "SMS_PROVIDER={{id}}, aber {{provider}} ist nicht vollständig. Es fehlt: {{missing}}. Setzen Sie es, oder SMS_PROVIDER=mock, um ohne SMS weiterzumachen.",
  newerVersion: "eine Version von Top Dog, die diesen Anbieter kennt",
  agreement: "Ihre Zustimmung, SMS mit diesen Zugangsdaten zu bezahlen: {{found}}",
  late: "{{provider}} hat nicht rechtzeitig geantwortet. Prüfen Sie das Netzwerk dieses Computers, und versuchen Sie es noch einmal.",

  oneOf: "muss eines davon sein: {{choices}}",
  unknownField: "ist keine Einstellung eines SMS-Dienstes",
  credentialRule: "muss aus Buchstaben, Ziffern und Zeichen ohne Leerzeichen bestehen",
  senderRule: "muss wie +15551234567, eine Kurzwahl oder ein Absendername sein",

  noValidity:
    "{{provider}} hat die Zeit nicht übernommen, nach der eine Nachricht nichts mehr wert ist. Nachrichten werden ohne sie gesendet und kommen vielleicht spät an.",

  twilioConfigured: "✓ SMS-Anbieter Twilio eingerichtet",
  twilioAccountSid: "die Account SID",
  twilioAuthToken: "das Auth-Token",
  twilioApiKeySid: "die SID des API-Schlüssels",
  twilioApiKeySecret: "das Secret des API-Schlüssels",
  twilioPhoneNumber: "eine Telefonnummer",
  twilioService: "ein Messaging Service",
  twilioCredentials: "das Auth-Token (TWILIO_AUTH_TOKEN) oder ein API-Schlüssel (TWILIO_API_KEY_SID und TWILIO_API_KEY_SECRET)",
  twilioSender: "der Absender: eine Telefonnummer (TWILIO_PHONE_NUMBER) oder ein Messaging Service (TWILIO_MESSAGING_SERVICE_SID)",
  twilioSidRule: "muss mit {{prefix}} beginnen und danach 32 Hexadezimalziffern haben",
  twilioNoReports:
    "Twilio kann nicht an {{origin}} berichten. Nachrichten werden deshalb ohne Zustellberichte gesendet. Setzen Sie PAIRING_BASE_URL auf eine öffentliche https-Adresse.",
  twilioKnowsKey: "Twilio kennt diesen API-Schlüssel.",
  twilioKnowsAccount: "Twilio kennt das Konto{{named}}.",
  twilioTrial:
    "Twilio kennt das Konto{{named}}. Es ist ein Testkonto: Es sendet nur an Nummern, die in der Konsole von Twilio bestätigt sind.",
  twilioInactive: "Das Twilio-Konto{{named}} ist nicht aktiv. Aktivieren Sie es in der Konsole von Twilio wieder.",

  snsConfigured: "✓ SMS-Anbieter AWS SNS eingerichtet",
  snsRegion: "die Region",
  snsAccessKeyId: "die ID des Zugriffsschlüssels",
  snsSecretAccessKey: "der geheime Zugriffsschlüssel",
  snsSenderId: "die Absender-ID",
  snsMaxPrice: "der Höchstpreis einer Nachricht",
  snsCredentials: "Zugangsdaten: Führen Sie aws configure aus, oder setzen Sie AWS_ACCESS_KEY_ID und AWS_SECRET_ACCESS_KEY",
  snsRegionRule: "muss eine Region wie us-east-1 sein",
  snsAccessKeyIdRule: "muss eine Schlüssel-ID wie AKIA… sein",
  snsSenderIdRule: "muss 1 bis 11 Buchstaben und Ziffern haben, davon mindestens einen Buchstaben",
  snsMaxPriceRule: "muss ein Betrag in US-Dollar wie 0.05 sein",
  snsNoSenderId: "AWS SNS hat die Absender-ID (PAIRING_SNS_SENDER_ID) nicht übernommen. Nachrichten werden ohne sie gesendet.",
  snsNoType: "AWS SNS hat die Art der Nachricht (transaktional) nicht übernommen. Nachrichten werden ohne sie gesendet.",
  snsKnown: "AWS SNS kennt diese Zugangsdaten.",
  snsSandbox:
    "AWS SNS kennt diese Zugangsdaten. Das Konto ist in der SMS-Sandbox: Es sendet nur an Nummern, die in der AWS-Konsole bestätigt sind.",
  awsRole: "die AWS-Rolle dieses Computers",
  awsProfile: "das AWS-Profil „{{profile}}“",
  awsEnvironment: "die Umgebung ({{variable}})",
  awsContainer: "der Container ({{variable}})",

  vonageConfigured: "✓ SMS-Anbieter Vonage eingerichtet",
  vonageApiKey: "der API-Schlüssel",
  vonageApiSecret: "das API-Secret",
  vonageSender: "der Absender",
  vonageSignatureSecret: "das Signatur-Secret",
  vonageApiKeyRule: "muss der API-Schlüssel aus dem Dashboard sein, Buchstaben und Ziffern",
  vonageNoReports:
    "Vonage kann diesem Server nicht berichten. Nachrichten werden deshalb ohne Zustellberichte gesendet. Setzen Sie PAIRING_BASE_URL auf eine öffentliche https-Adresse.",
  vonageKnown: "Vonage kennt das Konto.",
} as const;
