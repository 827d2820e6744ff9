export const page = {
  title: "Smartphones koppeln",
  intro:
    "Ein gekoppeltes Smartphone kann Sprachbefehle geben, Build-Benachrichtigungen empfangen und Builds freigeben. Es kann nie Ihre Dateien lesen oder ein anderes Smartphone koppeln.",
  skip: "Zum Inhalt springen",
  waiting: "Wartet auf ein Smartphone",
  locked: "Gesperrt",
  failed: "Konnte nicht geladen werden",
  loading: "Wird geladen…",
  retry: "Erneut versuchen",
  lost: "Verbindung verloren. Neuer Versuch…",
  noScript: "Diese Seite benötigt JavaScript.",
  dismiss: "Ausblenden",
  cancel: "Abbrechen",
  language: "Sprache",
  lockedBy: "Durch {{variable}} festgelegt. Ändern Sie es dort, und starten Sie Top Dog neu.",
} as const;

export const alerts = {
  label: "Warnungen",
  showPhone: "Smartphone anzeigen",
  dismiss: "Warnung ausblenden",
} as const;

export const form = {
  save: "Sichern",
  saving: "Wird gesichert…",
  undo: "Änderungen verwerfen",
  unsaved: "Sie haben ungesicherte Änderungen.",
  unchanged: "Keine Änderungen zu sichern.",
  discarded: "Ihre Änderungen wurden verworfen.",
  notSaved: "Es wurde nichts gesichert",
} as const;

export const limit = {
  again: "Versuchen Sie es in {{left}} noch einmal.",
  over: "Sie können es jetzt noch einmal versuchen.",
} as const;

export const list = {
  more: "Mehr anzeigen",
  about: "{{action}}: {{list}}",
  shown_one: "{{count}} angezeigt.",
  shown_other: "{{count}} angezeigt.",
  shownOf_one: "{{count}} von {{total}} angezeigt.",
  shownOf_other: "{{count}} von {{total}} angezeigt.",
  found_one: "{{count}} gefunden.",
  found_other: "{{count}} gefunden.",
  foundFirst_one: "Der erste Treffer ({{count}}) wird angezeigt.",
  foundFirst_other: "Die ersten {{count}} Treffer werden angezeigt.",
  none: "Nichts passt zu „{{text}}“. Versuchen Sie andere Wörter, oder leeren Sie die Suche.",
} as const;

export const broken = {
  page: "Etwas ist schiefgegangen, und diese Seite kann nicht weiterarbeiten. Auf diesem Computer und Ihren Smartphones hat sich nichts geändert. Laden Sie die Seite neu. Wenn es wieder passiert, melden Sie den Fehler unten.",
  card: "Etwas ist schiefgegangen, und „{{name}}“ kann nicht angezeigt werden. Der Rest der Seite funktioniert. Laden Sie die Seite neu. Wenn es wieder passiert, melden Sie den Fehler unten.",
  notLoaded:
    "„{{name}}“ konnte nicht geladen werden. Der Rest der Seite funktioniert. Prüfen Sie, ob Top Dog auf diesem Computer läuft, und versuchen Sie es dann noch einmal. Wenn Top Dog inzwischen aktualisiert wurde, laden Sie die Seite neu.",
  error: "Fehler: {{message}}",
  reload: "Seite neu laden",
} as const;

export const gate = {
  heading: "Admin-Token erforderlich",
  required: "Dieser Server verlangt sein Admin-Token, bevor er gekoppelte Smartphones anzeigt.",
  wrong: "Dieses Admin-Token ist falsch. Vergleichen Sie es mit ADMIN_TOKEN auf dem Server.",
  label: "Admin-Token",
  hint: "Wird nur im Speicher dieses Fensters gehalten, bis Sie es schließen oder neu laden.",
  show: "Token anzeigen",
  hide: "Token verbergen",
  submit: "Entsperren",
  empty: "Geben Sie das Admin-Token ein.",
  linkHeading: "Öffnen Sie diese Seite mit ihrem Link",
  linkRequired:
    "Nur eine Person an diesem Computer darf dies sehen und ändern. Top Dog hat beim Start einen Link in seinem Terminal ausgegeben: Öffnen Sie ihn, oder fügen Sie ihn hier ein.",
  linkWrong: "Dieser Link ist nicht gültig. Der Server wurde seitdem neu gestartet: Verwenden Sie den Link, den er zuletzt ausgegeben hat.",
  linkLabel: "Link oder Admin-Token",
  linkHint: "Wird nur für diesen Tab gespeichert, bis Sie ihn schließen.",
  linkShow: "Link anzeigen",
  linkHide: "Link verbergen",
  linkSubmit: "Öffnen",
  linkEmpty: "Fügen Sie den Link ein, oder geben Sie das Admin-Token ein.",
  desktop:
    "Top Dog wurde nach seinem eigenen Admin-Token gefragt. Starten Sie Top Dog neu. Wenn das wieder passiert, prüfen Sie ADMIN_TOKEN.",
} as const;

export const problem = {
  offline: "Top Dog ist nicht erreichbar. Prüfen Sie, ob es auf diesem Computer läuft, und versuchen Sie es dann noch einmal.",
  unreadable: "Diese Seite konnte die Antwort von Top Dog nicht lesen. Laden Sie die Seite neu, und versuchen Sie es dann noch einmal.",
  requestId: "Suchen Sie dort nach {{id}}.",
  unexpected: "Auf dieser Seite ist etwas schiefgegangen. Versuchen Sie es noch einmal. Wenn es wieder passiert, starten Sie Top Dog neu.",
} as const;

export const views = {
  waits: "Wartet an anderer Stelle",
  phones: "Smartphones",
  approvals: "Freigaben",
  activity: "Aktivität",
  settings: "Einstellungen",
  waiting_one: "{{count}} wartet",
  waiting_other: "{{count}} warten",
  phonesWait_one: "{{count}} Smartphone zeigt zwei Ziffern und wartet, dass Sie sie eingeben.",
  phonesWait_other: "{{count}} Smartphones zeigen zwei Ziffern und warten, dass Sie sie eingeben.",
  confirmPhone: "Smartphone bestätigen",
  approvalsWait_one: "{{count}} Freigabe wartet auf Ihre Antwort.",
  approvalsWait_other: "{{count}} Freigaben warten auf Ihre Antwort.",
  showApprovals: "Freigaben anzeigen",
  pairPhone: "Smartphone koppeln",
  closePairing: "Koppeln schließen",
  about: {
    approvals: "Builds und Befehle, die vor dem Start fragen. Die erste Antwort zählt, hier oder auf einem Smartphone.",
    activity: "Was geschah, wann und von wo.",
    settings: "Wie Smartphones diesen Computer erreichen und was sie dürfen.",
  },
} as const;

export const statusBar = {
  label: "Verbindung",
  address: "Adresse",
  sms: "SMS",
  secrets: "Schlüssel",
  mock: "Testmodus",
  kinds: { keychain: "Schlüsselbund", file: "Datei", environment: "Umgebung", memory: "Arbeitsspeicher", database: "Datenbank" },
  unusable: "Nicht verwendbar",
} as const;

export const palette = {
  open: "Befehle",
  label: "Befehlsliste",
  field: "Befehl, Einstellung oder Smartphone",
  matches: "Treffer",
  none: "Keine Treffer. Versuchen Sie ein anderes Wort.",
  pair: "Smartphone per SMS koppeln",
  qr: "Smartphone per QR-Code koppeln",
  claims: "Smartphone mit seinen zwei Ziffern bestätigen",
  show: "{{view}} anzeigen",
  phone: "Gerät",
  setting: "Einstellung",
} as const;
