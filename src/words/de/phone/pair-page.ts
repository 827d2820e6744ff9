export const pairPage = {
  title: "Mit Top Dog koppeln?",
  wants: "Top Dog möchte sich mit Ihrem Smartphone koppeln",
  device: "Gerät: {{name}}",
  user: "Benutzer: {{name}}",
  noUser: "nicht angegeben",
  computer: "Computer: {{name}}",
  able: "Dieses Smartphone kann dann",
  otp: "Einmalpasswort",
  otpHint: "Die sechs Ziffern neben dem QR-Code auf Ihrem Computer.",
  name: "Name dieses Smartphones",
  nameHint: "Top Dog zeigt ihn in der Liste Ihrer gekoppelten Smartphones.",
  elsewhere:
    "Diese App speichert keine Daten. Die Kopplung kann verloren gehen, wenn Sie sie schließen. Öffnen Sie den Link stattdessen in Safari oder Chrome.",
  caution: "Akzeptieren Sie nur, wenn Sie dies gerade in Top Dog gestartet haben. Lehnen Sie sonst ab.",
  expiresUtc: "Läuft um {{time}} UTC ab",
  accept: "Akzeptieren",
  decline: "Ablehnen",
} as const;

export const abilities = {
  command: "Sprachbefehle geben",
  view: "Build-Benachrichtigungen empfangen",
  answer: "Builds aus der Ferne freigeben",
} as const;

export const pairClaim = {
  title: "Am Computer bestätigen",
  heading: "Bestätigen Sie {{digits}} auf {{computer}}",
  headingNoName: "Bestätigen Sie {{digits}} auf Ihrem Computer",
  todo: "Geben Sie in Top Dog auf dem Computer diese zwei Ziffern ein. Dann ist dieses Smartphone gekoppelt.",
  nobody: "Niemand am Computer? Akzeptieren Sie noch einmal, wenn jemand da ist: Der Link gilt, bis er abläuft.",
  check: "Erneut prüfen",
} as const;

export const timeLeft = {
  seconds: "(in weniger als einer Minute)",
  minutes: { one: "(in {{count}} Minute)", other: "(in {{count}} Minuten)" },
} as const;

export const pairScript = {
  pairing: "Wird gekoppelt…",
  declining: "Wird abgelehnt…",
  tryAgain: "Erneut versuchen",
  retrying: "Neuer Versuch…",
  lostRetrying: "Verbindung verloren. Neuer Versuch…",
  lost: "Keine Antwort. Prüfen Sie die Verbindung, und versuchen Sie es dann noch einmal. Ihre Antwort zählt nur einmal.",
  left: "(noch {{time}})",
  claimLeft: "Noch {{time}}, um sie einzugeben",
  lastMinute: "Weniger als eine Minute übrig.",
  expires: "Läuft um {{time}} ab",
  noLink: "Das ist kein Kopplungslink. Kopieren Sie den ganzen Link, und fügen Sie ihn hier ein.",
} as const;

export const notify = {
  off: "Build-Benachrichtigungen sind aus, bis Sie sie auf diesem Smartphone erlauben.",
  allow: "Benachrichtigungen erlauben",
  blocked:
    "Benachrichtigungen sind für diese Seite blockiert. Erlauben Sie sie in den Einstellungen des Smartphones, und öffnen Sie dann Ihren Posteingang.",
  waiting:
    "Build-Benachrichtigungen finden Sie in Ihrem Posteingang. Von dieser Adresse kann ein Smartphone keine Benachrichtigungen erhalten.",
  apple: "Build-Benachrichtigungen sind aus, bis Top Dog auf Ihrem Home-Bildschirm ist. {{link}}",
  addIt: "Zum Home-Bildschirm",
} as const;

export const pairResults = {
  paired: {
    title: "Smartphone ist gekoppelt",
    heading: "Fertig! Das Smartphone ist gekoppelt",
    meaning: "Sie können jetzt:",
    next: "Sie können diese Seite schließen.",
  },
  unconfirmed: {
    title: "Am Computer bestätigen",
    heading: "Noch ein Schritt",
    meaning:
      "Dieser Link wurde nicht von einer Person am Computer erstellt. Deshalb wartet dieses Smartphone, bis dort jemand es bestätigt.",
    next: "Öffnen Sie in Top Dog auf Ihrem Computer „Gekoppelte Smartphones“, und bestätigen Sie dieses Smartphone. Sonst wird es nach einer Stunde entfernt.",
  },
  declined: {
    title: "Abgelehnt",
    heading: "Abgelehnt",
    meaning: "Dieses Smartphone wurde nicht gekoppelt, und der Link funktioniert nicht mehr.",
    next: "Sie können diese Seite schließen.",
  },
  invite_already_used: {
    title: "Link bereits verwendet",
    heading: "Dieser Link wurde bereits verwendet",
    meaning: "Wenn dies das Smartphone ist, das Sie gekoppelt haben, sind Sie fertig.",
    next: "Wenn Sie das nicht waren, öffnen Sie in den Einstellungen von Top Dog „Smartphones koppeln“, und entziehen Sie dem unbekannten Smartphone den Zugriff.",
  },
  invite_expired: {
    title: "Link abgelaufen",
    heading: "Dieser Link ist abgelaufen",
    meaning: "Links gelten nur kurze Zeit. Dieses Smartphone wurde nicht gekoppelt.",
    next: "Senden Sie den Link von Top Dog auf Ihrem Computer noch einmal.",
  },
  invite_cancelled: {
    title: "Einladung zurückgezogen",
    heading: "Diese Einladung wurde zurückgezogen",
    meaning:
      "Sie wurde abgelehnt oder in Top Dog zurückgezogen, oder es wurde zu oft ein falsches Einmalpasswort oder falsche Ziffern eingegeben. Dieses Smartphone wurde nicht gekoppelt.",
    next: "Um es zu koppeln, senden Sie in Top Dog einen neuen Link, oder zeigen Sie einen neuen QR-Code an, und öffnen Sie ihn auf diesem Smartphone.",
  },
  invite_not_found: {
    title: "Link nicht erkannt",
    heading: "Dieser Link wird nicht erkannt",
    meaning: "Möglicherweise fehlt ein Teil.",
    next: "Öffnen Sie den Link in der SMS noch einmal. Wenn das nicht hilft, senden Sie von Top Dog einen neuen.",
  },
  no_link: {
    title: "Top Dog auf Ihrem Smartphone",
    heading: "Top Dog auf Ihrem Smartphone",
    meaning:
      "Um dieses Smartphone zu koppeln, öffnen Sie den Link in der SMS, oder scannen Sie den QR-Code, den Top Dog auf Ihrem Computer zeigt.",
    next: "Oder fügen Sie den Kopplungslink hier ein.",
  },
  rate_limited: {
    title: "Zu viele Versuche",
    heading: "Zu viele Versuche",
    meaning: "Aus Ihrem Netzwerk kamen zu viele Anfragen.",
    next: "Warten Sie eine Minute, und öffnen Sie dann den Link in der SMS noch einmal.",
  },
  storage_unavailable: {
    title: "Koppeln gerade nicht möglich",
    heading: "Koppeln ist gerade nicht möglich",
    meaning: "Ihr Computer konnte die Änderung nicht speichern. Es wurde nichts geändert, und der Link gilt weiterhin.",
    next: "Sehen Sie in Top Dog auf Ihrem Computer nach, und öffnen Sie dann den Link noch einmal.",
  },
  cross_site: {
    title: "Nicht von der Kopplungsseite",
    heading: "Das kam nicht von der Kopplungsseite",
    meaning: "Eine andere Seite hat versucht, für Sie zu antworten. Es wurde nichts geändert.",
    next: "Öffnen Sie den Link in der SMS, und antworten Sie dort.",
  },
  invalid_request: {
    title: "Anfrage nicht verstanden",
    heading: "Die Anfrage wurde nicht verstanden",
    meaning: "Ein Teil ging unterwegs verloren. Es wurde nichts geändert.",
    next: "Öffnen Sie den Link in der SMS noch einmal.",
  },
  internal_error: {
    title: "Etwas ist schiefgegangen",
    heading: "Etwas ist schiefgegangen",
    meaning: "Ihr Computer konnte dies nicht abschließen.",
    next: "Sehen Sie in Top Dog auf Ihrem Computer nach, und öffnen Sie dann den Link noch einmal.",
  },
} as const;

export const pairResultParts = {
  wait: "Warten Sie {{wait}}, und öffnen Sie dann den Link in der SMS noch einmal.",
  seconds: { one: "{{count}} Sekunde", other: "{{count}} Sekunden" },
  minutes: { one: "{{count}} Minute", other: "{{count}} Minuten" },
  pairedAlready: "Dieses Smartphone ist bereits gekoppelt",
  openInbox: "Posteingang öffnen",
  anotherLink: "Anderen Link verwenden",
  link: "Kopplungslink",
  openLink: "Link öffnen",
} as const;
