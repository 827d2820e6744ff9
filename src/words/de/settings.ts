export const settings = {
  PAIRING_ALLOWED_COUNTRIES: "Länder, in die SMS gesendet werden dürfen: zweibuchstabige Codes, durch Kommas getrennt.",
  PAIRING_BASE_URL:
    "Wo Smartphones den Smartphone-Zugang erreichen: die öffentliche Adresse des Tunnels oder Ingress. Links entstehen allein daraus.",
  PAIRING_CLOUDFLARED: "Das Programm cloudflared, das der Tunnel der Einstellungsseite ausführt.",
  NGROK_AUTHTOKEN: "Das Authtoken Ihres ngrok-Kontos für den Tunnel der Einstellungsseite, wenn ngrok gewählt ist.",
  PAIRING_INVITE_EXPIRY_MINUTES: "Wie lange ein Link gilt.",
  PAIRING_TOKEN_EXPIRY_DAYS: "Wie lange das Token eines gekoppelten Smartphones gilt.",
  PAIRING_STORAGE_PATH:
    "Der Ordner mit Sitzungen, Geräten, entzogenen Zugriffen und dem Protokoll. `~` und `$HOME` am Anfang werden verstanden.",
  PAIRING_DATABASE_URL:
    "Die PostgreSQL-Datenbank, die statt des Speicherordners Sitzungen, Geräte, entzogene Zugriffe, das Protokoll und gesicherte Einstellungen enthält, damit mehrere Server sie teilen können.",
  PAIRING_DATABASE_MIGRATION_URL:
    "Die Adresse, unter der topdog-phone migrate dieselbe Datenbank erreicht: direkt, nicht über einen Connection-Pooler, und mit einem Konto, das Tabellen anlegen darf. Ohne sie wird PAIRING_DATABASE_URL verwendet.",
  PAIRING_DATABASE_MIGRATE:
    "Der Server legt die Tabellen der Datenbank beim Start selbst an oder aktualisiert sie. Aus: topdog-phone migrate tut es.",
  PAIRING_SECRETS_KEY:
    "Der Schlüssel, der Geheimnisse in der Datenbank verschlüsselt, die dann alle ihre Server teilen: Base64 von 32 Bytes (openssl rand -base64 32). Von mehreren, mit Kommas dazwischen, verschlüsselt der erste, und alle entschlüsseln. Ohne ihn hat jeder Server eigene Geheimnisse.",
  PAIRING_HOST: "Die Adresse des lokalen Zugangs. Alles außer Loopback braucht das Admin-Token.",
  PAIRING_PORT: "Der Port des lokalen Zugangs; 0 nimmt einen freien.",
  PAIRING_PHONE_HOST: "Die Adresse des Smartphone-Zugangs.",
  PAIRING_PHONE_PORT: "Der Port des Smartphone-Zugangs; 0 nimmt einen freien. Richten Sie den Tunnel hierher.",
  PAIRING_LOG:
    "Wohin das Log des Servers ohne Fenster geht: JSON-Zeilen auf die Standardausgabe (stdout), wenn sie kein Terminal ist, die Datei logs/Top Dog-topdog.log im Speicherordner (file) oder beides (both). Die Desktop-App schreibt immer die Datei.",
  PAIRING_LOG_LEVEL:
    "Wie viel im Log steht. debug ergänzt eine Zeile je Anfrage: ihre Operation, ihren Status, ihre Millisekunden und ihre ID, die auch als X-Request-Id in der Antwort steht.",
  PAIRING_METRICS_HOST:
    "Die Adresse von PAIRING_METRICS_PORT. Jeder, der sie erreicht, kann die Metriken lesen: Sie enthalten Anzahlen und Zeiten, keine Namen, Nummern oder Adressen.",
  PAIRING_METRICS_PORT:
    "Ein eigener Port für Metriken im Format von Prometheus unter /metrics; 0 nimmt einen freien. Ohne ihn gibt es keinen.",
  PAIRING_ALLOWED_HOSTS: "Weitere Hostnamen, auf die der lokale Zugang antwortet, durch Kommas getrennt.",
  PAIRING_ALLOWED_ORIGINS: "Webseiten (Ursprünge), die den lokalen Zugang aufrufen dürfen, durch Kommas getrennt.",
  PAIRING_LOCAL_TRUST_PROXY: "Adressen oder Netzwerke, deren Weiterleitungs-Header der lokale Zugang akzeptiert, durch Kommas getrennt.",
  PAIRING_TRUST_PROXY:
    "Adressen oder Netzwerke, deren X-Forwarded-For (oder Forwarded, wo es kein X-Forwarded-For gibt) der Smartphone-Zugang glaubt, durch Kommas getrennt. Ein Proxy, der Forwarded schreibt, muss X-Forwarded-For aus dem Weitergeleiteten entfernen.",
  PHONE_DEVICES_REQUIRE_ADMIN:
    "Das Auflisten und Ändern von Geräten und Sitzungen verlangt das Admin-Token. Smartphones fragen und benachrichtigen verlangt es nicht.",
  PAIRING_LOCAL_AUTH:
    "Der lokale Zugang unterscheidet seine Aufrufer: Andere Konten dieses Computers dürfen nicht fragen, und nur eine Person vor dem Fenster darf Einstellungen ändern oder antworten. Aus: Jeder auf diesem Computer darf alles.",
  PAIRING_CONFIRM:
    "Ob ein neues Smartphone erst gekoppelt ist, nachdem jemand am Computer die zwei Ziffern eingegeben hat, die es zeigt: nie (never), für Smartphones, die einen QR-Code gescannt haben (qr-only), oder immer (always). Ein weitergeleiteter Link nützt anderen dann nichts.",
  PAIRING_ANSWERS_AT_COMPUTER:
    "Wo Freigaben außer auf Smartphones beantwortet werden können: im Fenster, von einer Person am Computer (window), oder nirgends sonst (never). Mit never kann eine Person an einem entsperrten Computer oder ein Programm, das seinen Bildschirm steuert, nicht an Ihrer Stelle antworten.",
  PAIRING_OPEN_LINK: "Ob der Server den Link ausgibt, der die Einstellungsseite öffnet. never: Die Seite fragt nach dem Admin-Token.",
  ADMIN_TOKEN: "Das Admin-Token, gesendet als x-admin-token.",
  PAIRING_JWT_PRIVATE_KEY:
    "Der RSA-Signaturschlüssel (PEM, PKCS#8) für Server, die Schlüssel woanders aufbewahren. Ohne ihn verwendet die Desktop-App den Schlüsselbund und der Server ohne Fenster signing_key.pem im Speicherordner.",
  PAIRING_QR_REQUIRE_OTP: "Ein Smartphone, das einen QR-Code gescannt hat, muss das Einmalpasswort eingeben, das Top Dog daneben zeigt.",
  PAIRING_QR_EMBED_OTP:
    "Das Einmalpasswort steckt im QR-Code selbst, und niemand gibt es ein. Bequemer, aber kein Schutz vor einem fotografierten Code.",
  PAIRING_QR_EXPIRY_MINUTES: "Wie lange ein QR-Code gilt.",
  PAIRING_MQTT_BROKER:
    "Ein eigener Broker. Ein Hostname wird nur an Smartphones weitergegeben; eine Adresse (mqtts://, wss://, mqtt://, ws://) ist ein Mosquitto mit dem Plugin Dynamic Security, mit dem sich Top Dog verbindet.",
  PAIRING_MQTT_PUBLIC_URL: "Wo Smartphones diesen Broker erreichen, wenn das eine andere Adresse als die von Top Dog ist.",
  PAIRING_MQTT_USERNAME: "Der Benutzer des Brokers, der für Top Dog dessen Dynamic Security verwaltet.",
  PAIRING_MQTT_PASSWORD: "Das Passwort dieses Benutzers.",
  PAIRING_RATE_LIMIT_SCALE:
    "Ein Faktor für jedes Anfragelimit, für Benchmarks und große Server. Über 1 verkürzt er auch die Wartezeit, bevor ein Link erneut per SMS gesendet wird.",
  PAIRING_SMS_PER_NUMBER_PER_DAY: "SMS an eine Nummer in 24 Stunden.",
  PAIRING_SMS_PER_DAY: "SMS dieses Servers in 24 Stunden.",
  PAIRING_SESSION_RETENTION_DAYS: "Wie lange beendete Sitzungen aufbewahrt werden.",
  PAIRING_DEVICE_RETENTION_DAYS: "Wie lange Smartphones ohne Zugriff in der Liste bleiben. Ihre Tokens bleiben in jedem Fall ungültig.",
  PAIRING_AUDIT_RETENTION_DAYS: "Wie lange Zeilen des Protokolls aufbewahrt werden.",
  PAIRING_AUDIT_MAX_MB:
    "Wie viele Megabytes das Protokoll auf der Platte belegen darf. Ist es größer, werden seine ältesten Teile gelöscht, was das Protokoll vermerkt.",
  PAIRING_USER_ID:
    "Wessen Smartphones die Einstellungsseite koppelt, und welche gefragt und benachrichtigt werden, wenn eine Anfrage niemanden nennt.",
  PAIRING_USER_NAME: "Der Name, der in der SMS grüßt.",
  PAIRING_LANGUAGE:
    "Die Sprache von Personen, deren eigene nicht bekannt ist: von SMS, wenn eine Anfrage keine nennt, von Seiten auf Smartphones und der Befehlszeile.",
  PAIRING_COUNTRY: "Das Land von Nummern, die ohne Landesvorwahl eingegeben werden.",
  PAIRING_SNS_INSTANCE_ROLE:
    "AWS SNS darf das Netzwerk nach den Zugangsdaten der EC2-Instanz fragen, auf der es läuft. Ohne dies geht keine Anfrage an die Metadaten-Adresse.",
  PAIRING_QUIET_HOURS:
    "Wann Benachrichtigungen kein Smartphone wecken, in der Zeitzone dieses Computers, wie 22:00-07:00. Der Posteingang enthält trotzdem alles.",
  PAIRING_QUIET_LET_URGENT_THROUGH: "Freigaben und kritische Neuigkeiten wecken Smartphones auch in den Ruhezeiten.",
  PAIRING_PUSH_NOT_AT_DESK:
    "Benachrichtigungen wecken kein Smartphone, während jemand diesen Computer verwendet, der dasselbe zeigt: Maus oder Tastatur wurden in den letzten zwei Minuten berührt. Nur die Desktop-App weiß das; sonst werden Smartphones geweckt.",
  PAIRING_PUSH_SERVICES:
    "Push-Dienste, über die Smartphones geweckt werden dürfen, neben denen von Apple, Google, Microsoft und Mozilla: Hostnamen oder ganze Adressen des eigenen Netzwerks, durch Kommas getrennt.",
  PAIRING_SMS_APPROVALS:
    "Eine Freigabe, die eine Person auf keinem anderen Weg erreicht, wird per SMS angekündigt, an die Nummer, mit der das Smartphone gekoppelt wurde. Per QR-Code gekoppelte Smartphones haben keine. Ruhezeiten gelten.",
  PAIRING_SMS_APPROVALS_PER_DAY:
    "SMS über Freigaben an eine Nummer in 24 Stunden, neben denen zum Koppeln: höchstens eine in zehn Minuten und fünfmal so viele für diesen Server.",
  SMS_PROVIDER:
    "Wer SMS sendet. auto: der erste vollständige von {{providers}}, sonst mock. AWS SNS ist vollständig, wenn Region und Zugangsdaten in der Umgebung oder in den Dateien von AWS stehen.",

  TWILIO_ACCOUNT_SID: "Das Twilio-Konto, das SMS sendet. Twilio-Konsole, Account Info.",
  TWILIO_AUTH_TOKEN:
    "Das Auth-Token des Kontos. Zustellberichte werden damit signiert; es ist deshalb auch neben einem API-Schlüssel nützlich.",
  TWILIO_API_KEY_SID: "Ein API-Schlüssel statt des Auth-Tokens.",
  TWILIO_API_KEY_SECRET: "Das Secret des API-Schlüssels.",
  TWILIO_PHONE_NUMBER: "Die Nummer, von der Nachrichten kommen.",
  TWILIO_MESSAGING_SERVICE_SID: "Ein Messaging Service statt der Nummer.",
  PAIRING_TWILIO_BASE_URL: "Ein mit Twilio kompatibler Endpunkt: https oder eine Adresse dieses Computers.",
  PAIRING_SNS_SENDER_ID: "Der Name, von dem Nachrichten von AWS SNS kommen, wo ein Land Namen erlaubt.",
  PAIRING_SNS_MAX_PRICE: "Was AWS SNS höchstens für eine Nachricht ausgeben darf, in US-Dollar.",
  VONAGE_API_KEY: "Das Vonage-Konto, das SMS sendet. Vonage-Dashboard, API settings.",
  VONAGE_API_SECRET: "Das API-Secret des Kontos.",
  VONAGE_SENDER: "Die Nummer oder der Name, von dem Nachrichten kommen.",
  VONAGE_SIGNATURE_SECRET:
    "Das Signatur-Secret des Kontos: Zustellberichte werden damit signiert. Ohne es werden Zustellungen nicht gemeldet.",
  PAIRING_VONAGE_BASE_URL: "Eine andere Region von Vonage oder ein kompatibler Endpunkt: https oder eine Adresse dieses Computers.",
} as const;

export const settingDefaults = {
  PAIRING_ALLOWED_COUNTRIES: "jedes Land",
  PAIRING_BASE_URL: "https://pair.topdog-ide.com; im Testmodus die eigene Adresse des Smartphone-Zugangs",
  PAIRING_CLOUDFLARED: "wird im PATH gesucht und dort, wo Installationsprogramme es ablegen",
  PAIRING_STORAGE_PATH: "~/.topdog/pairing",
  PAIRING_MQTT_BROKER: "der Host von PAIRING_BASE_URL",
  PAIRING_MQTT_PUBLIC_URL: "die Adresse in PAIRING_MQTT_BROKER",
  PAIRING_USER_ID: "der Anmeldename des Kontos",
  PAIRING_USER_NAME: "der volle Name des Kontos",
  PAIRING_LANGUAGE: "en; auf der Befehlszeile und in der Desktop-App die Sprache des Systems",
  PAIRING_COUNTRY: "aus der Sprache des Systems",
  PAIRING_QUIET_HOURS: "keine Ruhezeiten",
} as const;
