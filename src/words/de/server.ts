export const server = {
  inviteSent: "SMS gesendet! Der Link läuft in {{minutes}} Minuten ab.",
  inviteResent: "SMS erneut gesendet",
  phoneRevoked: "Zugriff des Geräts entzogen",
  phoneUnpaired: "Gerät entkoppelt",
  notificationSent: "Benachrichtigung gesendet",
  approvalSent: "Freigabe angefragt",

  notANumber: "Das ist keine Telefonnummer. Geben Sie die Landesvorwahl mit ein, zum Beispiel +49 151 23456789.",
  wrongLength: "Diese Nummer hat zu wenige oder zu viele Ziffern. Prüfen Sie die Nummer.",
  notTextable: "Diese Nummer kostet extra oder kann keine SMS empfangen. Verwenden Sie eine Mobilnummer.",
  otherReading: "Das lässt sich auch als {{number}} lesen. Prüfen Sie die Nummer, oder geben Sie sie mit + und Landesvorwahl ein.",
  landline: "Das ist vielleicht ein Festnetzanschluss, der keine SMS empfangen kann.",

  alertPhonePaired:
    "Ein neues Smartphone ist gekoppelt: {{phone}}. Waren Sie das nicht? Entziehen Sie ihm in Top Dog auf Ihrem Computer unter „Gekoppelte Smartphones“ den Zugriff.",
  alertPhoneWaits:
    "Ein neues Smartphone wartet auf eine Bestätigung: {{phone}}. Waren Sie das nicht? Entziehen Sie ihm in Top Dog auf Ihrem Computer unter „Gekoppelte Smartphones“ den Zugriff.",
  alertLinkUsedAgain:
    "Der Link, mit dem {{phone}} gekoppelt wurde, wurde von einem anderen Smartphone noch einmal verwendet und abgewiesen. Ist {{phone}} nicht Ihres? Entziehen Sie ihm in Top Dog auf Ihrem Computer unter „Gekoppelte Smartphones“ den Zugriff.",
  alertWrongAdminTokens:
    "Von {{address}} kamen innerhalb einer Minute mehrere falsche Admin-Tokens. Waren Sie das nicht? Finden Sie heraus, welches Programm oder welche Person es war, und ersetzen Sie das Admin-Token.",

  test: "Das ist ein Test. Nachrichten erreichen dieses Smartphone.",
  pushAccepted: "Der Push-Dienst hat die Benachrichtigung angenommen. Sie erscheint, sobald das Smartphone online ist.",
  pushGone:
    "Der Browser des Smartphones nimmt keine Benachrichtigungen mehr an. Schalten Sie sie in seinem Posteingang unter „Dieses Smartphone“ wieder ein.",
  pushNotAllowed:
    "Top Dog darf den Push-Dienst dieses Browsers nicht verwenden. Erlauben Sie ihn in den Einstellungen von Top Dog unter „Weitere Push-Dienste“.",
  pushOff: "Benachrichtigungen sind auf diesem Smartphone aus. Schalten Sie sie in seinem Posteingang unter „Dieses Smartphone“ ein.",
  pushBusy: "Es warten zu viele Benachrichtigungen auf ihn.",
  pushAnswered: "Er hat mit dem Status {{status}} geantwortet.",
  pushLate: "Er hat nicht rechtzeitig geantwortet.",
  pushUnreachable: "Er wurde nicht erreicht: {{reason}}.",
  pushNotPublic: "eine Adresse, die nicht öffentlich ist",
  pushFailed: "Der Push-Dienst hat die Benachrichtigung nicht angenommen. {{reason}}",
  textReady: "Dieses Smartphone erhält eine SMS über eine Freigabe, die Sie auf keinem anderen Weg erreicht.",
  textOff: "SMS über Freigaben sind aus. Sie können sie auf dem Computer in den Einstellungen von Top Dog einschalten.",
  textNoNumber:
    "Dieses Smartphone kann keine SMS über Freigaben erhalten, weil seine Nummer nicht bekannt ist. Koppeln Sie es per SMS, um das zu ändern.",
  testTextSent: "Testnachricht gesendet. Sehen Sie auf das Smartphone.",

  proxyIsSocks: "{{name}} ist ein SOCKS-Proxy, den Top Dog nicht verwenden kann: Verbindungen gehen direkt hinaus.",
  proxyInvalid: "{{name}}: muss eine Adresse wie http://proxy.mycompany.com:8080 sein",
  proxyLogin: "der Proxy verlangt Benutzername und Passwort: Schreiben Sie sie in HTTPS_PROXY, als http://name:password@host:port",
  proxyRefused: "der Proxy hat die Verbindung abgelehnt ({{status}})",
  noAnswer: "keine Antwort",
  brokerUnusable: "Der MQTT-Broker kann nicht verwendet werden ({{reason}}). Smartphones haben inzwischen ihren Posteingang.",

  ideGone: "Die IDE hat die Verbindung getrennt, bevor der Befehl fertig war.",
  resultUnknown: {
    one: "Die IDE hat seit {{count}} Minute nicht geantwortet; das Ergebnis ist unbekannt. Sehen Sie in der IDE nach, bevor Sie den Befehl noch einmal senden.",
    other:
      "Die IDE hat seit {{count}} Minuten nicht geantwortet; das Ergebnis ist unbekannt. Sehen Sie in der IDE nach, bevor Sie den Befehl noch einmal senden.",
  },

  pageNotBuilt: "Die Einstellungsseite wurde nicht gebaut. Führen Sie aus: npm run build",
  docsTitle: "Top Dog Phone Pairing: die API",
  docsNeedJavaScript: "Diese Seite benötigt JavaScript. Dieselbe Beschreibung als Daten: {{link}}",

  localDoor: "lokale Zugang",
  phoneDoor: "Smartphone-Zugang",
  metricsDoor: "Port für Metriken",
  localDoorOpen: "Lokaler Zugang      {{address}}",
  phoneDoorOpen: "Smartphone-Zugang   {{address}}",
  metricsDoorOpen: "Metriken            {{address}}",
  portInUse:
    "Der {{door}} kann {{address}} nicht öffnen, weil der Port belegt ist. Setzen Sie {{variable}} auf einen anderen Port (0 nimmt einen freien), oder beenden Sie das Programm, das ihn verwendet.",
  portForbidden:
    "Der {{door}} kann {{address}} nicht öffnen, weil dieses Konto den Port nicht verwenden darf. Setzen Sie {{variable}} auf einen Port über 1023.",
  noSuchAddress:
    "Der {{door}} kann {{address}} nicht öffnen, weil dieser Computer keine solche Adresse hat. Setzen Sie {{variable}} auf eine seiner Adressen.",
  unknownHost:
    "Der {{door}} kann {{address}} nicht öffnen, weil der Hostname nicht bekannt ist. Setzen Sie {{variable}} auf eine Adresse dieses Computers.",
  cannotOpen: "Der {{door}} kann {{address}} nicht öffnen ({{code}}).",
} as const;
