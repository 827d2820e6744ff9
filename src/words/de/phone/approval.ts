export const approval = {
  question: "Diesen Build freigeben?",
  expires: "Läuft ab: {{time}}, {{left}}",
  noConnection: "Keine Verbindung zu Top Dog. Sie können antworten, sobald sie wieder besteht.",
  readFirst: "Lesen Sie Plan und Dateien bis zum Ende, um freizugeben.",
  read: "Sie haben alles gesehen. Sie können jetzt freigeben.",
  whichNumber: "Welche Zahl zeigt der Computer?",
  chooseNumber: "Wählen Sie die Zahl, die der Computer zeigt, um freizugeben.",
  readNowChoose: "Sie haben alles gesehen. Wählen Sie die Zahl, die der Computer zeigt, um freizugeben.",
  lostNumber: "Keine Antwort. Prüfen Sie die Verbindung. Falls die Anfrage noch offen ist, wählen Sie die Zahl noch einmal.",
  approve: "Freigeben",
  approveQuestion: "{{build}} von {{project}} freigeben?",
  approving: "Wird freigegeben…",
  hold: "Halten Sie die Taste gedrückt, oder tippen Sie darauf und bestätigen Sie.",
  yes: "Ja, freigeben",
  notYet: "Noch nicht",
  reject: "Ablehnen",
  rejectMore: "Ablehnen…",
  rejecting: "Wird abgelehnt…",
  comment: "Kommentar (optional)",
  back: "Zurück",
  lost: "Keine Antwort. Prüfen Sie die Verbindung, und antworten Sie dann noch einmal. Ihre Antwort zählt nur einmal.",
} as const;

export const approvalFacts = {
  project: "Projekt",
  build: "Build",
  asked: "Angefragt",
  askedBy: "Angefragt von",
  user: "Für",
  takes: "Dauert etwa",
  risk: "Risiko",
  highRisk: "Hoch",
} as const;

export const approvalContent = {
  plan: "Plan",
  endOfPlan: "Ende des Plans",
  showLines: "Alle {{count}} Zeilen anzeigen",
  showAll: "Alles anzeigen",
  showLess: "Weniger anzeigen",
  files: "Geänderte Dateien ({{count}})",
  noFiles: "Es wurden keine Dateien genannt.",
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
