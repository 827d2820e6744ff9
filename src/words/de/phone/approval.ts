export const approval = {
  question: "Diesen Build freigeben?",
  expires: "Läuft ab: {{time}}, {{left}}",
  noConnection: "Keine Verbindung zu Top Dog. Sie können antworten, sobald sie wieder besteht.",
  showFirst: "{{hidden}}. Freigeben können Sie, wenn alles angezeigt ist.",
  readFirst: "Lesen Sie Plan und Dateien bis zum Ende, um freizugeben.",
  read: "Sie haben alles gesehen. Sie können jetzt freigeben.",
  whichNumber: "Welche Zahl zeigt der Computer?",
  chooseNumber: "Wählen Sie die Zahl, die der Computer zeigt, um freizugeben.",
  readNowChoose: "Sie haben alles gesehen. Wählen Sie die Zahl, die der Computer zeigt, um freizugeben.",
  lostNumber: "Keine Antwort. Prüfen Sie die Verbindung. Falls die Anfrage noch offen ist, wählen Sie die Zahl noch einmal.",
  approve: "Zum Freigeben halten",
  keepHolding: "Weiter halten…",
  approveQuestion: "Für {{project}} freigeben?",
  approving: "Wird freigegeben…",
  hold: "Eine Sekunde halten, oder tippen und bestätigen. Der Build läuft sofort weiter.",
  holding: "Loslassen bricht ab. Noch ist nichts gesendet.",
  yes: "Ja, freigeben",
  notYet: "Noch nicht",
  reject: "Ablehnen",
  rejectMore: "Ablehnen…",
  rejecting: "Wird abgelehnt…",
  comment: "Kommentar (optional)",
  back: "Zurück",
  next: "Weiter im Posteingang ({{count}})",
  backToInbox: "Zurück zum Posteingang",
  lost: "Keine Antwort. Prüfen Sie die Verbindung, und antworten Sie dann noch einmal. Ihre Antwort zählt nur einmal.",
} as const;

export const approvalFacts = {
  build: "Build",
  asked: "Angefragt",
  askedBy: "Angefragt von",
  user: "Für",
  takes: "Dauert etwa",
  risk: "Risiko",
  highRisk: "Hoch",
  highRiskTag: "Hohes Risiko",
} as const;

export const approvalContent = {
  plan: "Plan",
  endOfPlan: "Ende des Plans",
  showLines: { one: "Die Zeile anzeigen", other: "Alle {{count}} Zeilen anzeigen" },
  showAll: "Alles anzeigen",
  linesHidden: { one: "{{count}} Zeile, {{hidden}} noch nicht angezeigt", other: "{{count}} Zeilen, {{hidden}} noch nicht angezeigt" },
  partHidden: "Ein Teil des Plans ist noch nicht angezeigt",
  files: "Geänderte Dateien ({{count}})",
  lines: { one: "{{count}} Zeile", other: "{{count}} Zeilen" },
  fileCount: { one: "{{count}} Datei", other: "{{count}} Dateien" },
  added: "hinzugefügt",
  removed: "entfernt",
} as const;

export const approvalStatus = {
  pending: "Wartet auf Sie",
  approved: "Freigegeben",
  rejected: "Abgelehnt",
  expired: "Abgelaufen",
  cancelled: "In Top Dog zurückgezogen",
} as const;

export const outcome = {
  at: "{{sentence}}, {{time}}.",
  done: "{{sentence}}.",
  approved: { computer: "Auf Ihrem Computer freigegeben", here: "Auf diesem Smartphone freigegeben", phone: "Auf {{name}} freigegeben" },
  rejected: { computer: "Auf Ihrem Computer abgelehnt", here: "Auf diesem Smartphone abgelehnt", phone: "Auf {{name}} abgelehnt" },
  anotherPhone: "einem anderen Smartphone",
  expired: "Abgelaufen: Niemand hat rechtzeitig geantwortet",
} as const;
