export const page = {
  title: "Posteingang · Top Dog",
  viewTitle: "{{view}} · Top Dog",
  titleWaiting: "{{count}} offen · {{title}}",
  description: "Build-Benachrichtigungen und Freigaben von Top Dog auf Ihrem Computer.",
  noScriptHeading: "Diese Seite benötigt JavaScript",
  noScript:
    "Aktivieren Sie JavaScript für diese Website in den Einstellungen Ihres Browsers, und laden Sie die Seite neu. Antworten Sie bis dahin in Top Dog auf Ihrem Computer.",
  backTo: "Zurück zu {{view}}",
  inbox: "Eingang",
  tabs: "Ansichten",
  refresh: "Aktualisieren",
  pull: "Zum Aktualisieren ziehen",
  release: "Zum Aktualisieren loslassen",
} as const;

export const retry = {
  again: "Erneut versuchen",
  retrying: "Neuer Versuch…",
  lost: "Keine Antwort. Prüfen Sie die Verbindung, und versuchen Sie es dann noch einmal.",
} as const;

export const connection = {
  connecting: "Verbindung wird hergestellt…",
  connectingSaved: "Verbindung wird hergestellt… Zuletzt aktualisiert: {{time}}.",
  connected: "Verbunden.",
  connectedAt: "Verbunden. Zuletzt aktualisiert: {{time}}.",
  reconnecting: "Top Dog ist nicht erreichbar seit {{since}}. Neuer Versuch läuft.",
  reconnectingSaved: "Top Dog ist nicht erreichbar seit {{since}}. Gespeicherte Einträge werden angezeigt. Neuer Versuch läuft.",
  offline: "Sie sind offline.",
  offlineSaved: "Sie sind offline. Zuletzt aktualisiert: {{time}}.",
  tryNow: "Jetzt versuchen",
  short: { connecting: "Verbindet…", connected: "Verbunden", reconnecting: "Nicht erreichbar", offline: "Offline" },
  refreshing: "Aktualisiert…",
  age: "Zuletzt aktualisiert: {{time}}",
} as const;

export const clock = {
  ahead: "Die Uhr dieses Smartphones geht gegenüber Ihrem Computer {{size}} vor. Die Zeiten hier folgen dem Computer.",
  behind: "Die Uhr dieses Smartphones geht gegenüber Ihrem Computer {{size}} nach. Die Zeiten hier folgen dem Computer.",
  minutes: { one: "{{count}} Minute", other: "{{count}} Minuten" },
  hours: { one: "{{count}} Stunde", other: "{{count}} Stunden" },
} as const;

export const left = {
  days: { one: "noch {{count}} Tag", other: "noch {{count}} Tage" },
  hours: "noch {{hours}} Std. {{minutes}} Min.",
  time: "noch {{time}}",
} as const;

export const dayAndTime = "{{day}}, {{time}}";

export const list = {
  waiting: "Wartet auf Sie",
  waitingCount: "Wartet auf Sie ({{count}})",
  wasWaiting: "Offen um {{time}} ({{count}})",
  today: "Heute",
  empty: "Noch nichts da. Builds, die fertig werden, fehlschlagen oder Ihre Freigabe brauchen, erscheinen hier.",
  clear: "Nichts wartet auf Sie",
  clearAll: "Alle erledigt",
  done: "Erledigt",
  approve: "Freigabe",
  asked: "Angefragt: {{time}}",
  askedBy: "Angefragt von {{name}}, {{time}}",
  needsYou: "Wartet auf Sie",
  new: "Neu",
  alert: "Sicherheitswarnung",
} as const;

export const history = {
  heading: "Verlauf",
  open: "Verlauf anzeigen",
  search: "Verlauf durchsuchen",
  placeholder: "Projekt, Nachricht oder Datei",
  found: { one: "{{count}} von {{total}} Nachricht", other: "{{count}} von {{total}} Nachrichten" },
  nothing: "Nichts passt zu „{{typed}}“.",
  empty: "Noch nichts da. Nachrichten bleiben eine Woche.",
  today: "Heute",
  yesterday: "Gestern",
} as const;

export const announced = {
  nothingWaiting: "Nichts wartet auf Sie.",
  refreshed: "Auf dem neuesten Stand.",
  cleared: "Erledigt. Im Verlauf bleibt es erhalten.",
  waiting: { one: "{{count}} Freigabe wartet auf Sie.", other: "{{count}} Freigaben warten auf Sie." },
  approval: "{{project}} braucht Ihre Freigabe, {{left}}.",
  approvals: { one: "{{count}} neue Freigabe wartet auf Sie.", other: "{{count}} neue Freigaben warten auf Sie." },
  messages: { one: "{{count}} neue Nachricht.", other: "{{count}} neue Nachrichten." },
  settled: "{{project}}: {{sentence}}",
} as const;

export const build = {
  initiated: "Build gestartet",
  in_progress: "Build läuft",
  success: "Build erfolgreich",
  failure: "Build fehlgeschlagen",
  approval_pending: "Build braucht Freigabe",
  cancelled: "Build abgebrochen",
} as const;

export const priority = {
  low: "Niedrige Priorität",
  normal: "",
  high: "Hohe Priorität",
  critical: "Kritisch",
} as const;

export const notification = {
  title: "Top Dog",
  approval: "Eine Freigabe wartet auf Sie",
  approvals: { one: "{{count}} Freigabe wartet auf Sie", other: "{{count}} Freigaben warten auf Sie" },
  test: "Das ist ein Test. Benachrichtigungen funktionieren.",
  alert: "Sicherheitswarnung. Öffnen Sie sie, um zu sehen, was zu tun ist",
  unknown: "In Ihrem Posteingang gibt es etwas Neues",
} as const;

export const notHere = {
  approvalHeading: "Diese Freigabe ist nicht hier",
  approval:
    "Sie wurde vor mehr als einer Woche beantwortet oder ist abgelaufen, oder sie ging an ein anderes Smartphone. Was auf Sie wartet, finden Sie im Posteingang.",
  heading: "Unter dieser Adresse gibt es nichts",
  page: "Der Link ist möglicherweise unvollständig. Ihre Nachrichten finden Sie im Posteingang.",
  searching: "Wird gesucht…",
  open: "Posteingang öffnen",
} as const;

const pairAgain = "Um dieses Smartphone wieder zu verwenden, senden Sie von Top Dog auf Ihrem Computer einen neuen Kopplungslink.";

export const resultPages = {
  token_missing: {
    heading: "Dieses Smartphone ist nicht gekoppelt",
    meaning: "Koppeln Sie es, um Ihren Posteingang zu sehen.",
    next: "Senden Sie von Top Dog auf Ihrem Computer einen Kopplungslink. Falls der Browser dieses Smartphones schon gekoppelt ist: Öffnen Sie dort den Posteingang, gehen Sie zu „Dieses Smartphone“, wählen Sie „Zum Home-Bildschirm“, und geben Sie den Code hier ein.",
  },
  token_revoked: {
    heading: "Dieses Smartphone wurde entkoppelt",
    meaning:
      "Ihm wurde in Top Dog der Zugriff entzogen, oder es wurde von einem anderen Browser aus neu gekoppelt. Die Nachrichten auf diesem Smartphone wurden gelöscht.",
    next: pairAgain,
  },
  token_expired: {
    heading: "Der Zugriff dieses Smartphones ist abgelaufen",
    meaning: "Eine Kopplung gilt für begrenzte Zeit. Die Nachrichten auf diesem Smartphone wurden gelöscht.",
    next: pairAgain,
  },
  clocks_disagree: {
    heading: "Die Uhren stimmen nicht überein",
    meaning:
      "Nach der Uhr Ihres Computers ist der Zugriff dieses Smartphones abgelaufen, nach der Uhr des Smartphones nicht. Ihre Nachrichten sind noch auf diesem Smartphone.",
    next: "Prüfen Sie Datum und Uhrzeit auf dem Computer und auf diesem Smartphone, und versuchen Sie es dann noch einmal.",
  },
  token_invalid: {
    heading: "Dieses Smartphone wird nicht mehr erkannt",
    meaning: "Top Dog weiß nichts von seiner Kopplung. Die Nachrichten auf diesem Smartphone wurden gelöscht.",
    next: pairAgain,
  },
  device_unconfirmed: {
    heading: "Dieses Smartphone ist noch nicht bestätigt",
    meaning: "Der Kopplungslink wurde nicht von einer Person am Computer erstellt. Deshalb wartet es, bis dort jemand es bestätigt.",
    next: "Öffnen Sie in Top Dog auf Ihrem Computer „Gekoppelte Smartphones“, und bestätigen Sie dieses Smartphone. Danach geht es hier von selbst weiter.",
  },
  device_suspended: {
    heading: "Dieses Smartphone ist gesperrt",
    meaning: "Sein Zugriff wurde in Top Dog gesperrt. Die Nachrichten auf diesem Smartphone wurden gelöscht.",
    next: "Entsperren Sie es in Top Dog auf Ihrem Computer. Danach geht es hier von selbst weiter.",
  },
  cross_site: {
    heading: "Dieser Browser kann den Posteingang hier nicht anzeigen",
    meaning:
      "Der Browser gibt nicht an, welche Seite eine Anfrage sendet. Deshalb antwortet Top Dog nicht. Das kommt bei alten Browsern und bei Adressen ohne https vor.",
    next: "Aktualisieren Sie den Browser, oder öffnen Sie den Posteingang unter seiner https-Adresse.",
  },
  unpaired: {
    heading: "Dieses Smartphone ist entkoppelt",
    meaning: "Top Dog sendet ihm nichts mehr. Die Nachrichten auf diesem Smartphone wurden gelöscht.",
    next: pairAgain,
  },
} as const;

export const otherResult = {
  heading: "Top Dog akzeptiert dieses Smartphone nicht",
  next: "Sehen Sie in Top Dog auf Ihrem Computer nach.",
} as const;

export const pairHere = {
  label: "Code oder Kopplungslink",
  submit: "Weiter",
  neither: "Das ist kein vollständiger Code und kein Kopplungslink dieser Adresse. Geben Sie alles ein.",
} as const;
