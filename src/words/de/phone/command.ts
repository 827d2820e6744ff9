export const command = {
  heading: "Befehl",
  label: "Was soll Top Dog tun?",
  placeholder: "run the tests",
  send: "Senden",
  dictate: "Tippen Sie den Befehl, oder diktieren Sie ihn mit der Mikrofontaste Ihrer Tastatur.",
  asking: "Top Dog wird gefragt…",
  sending: "Wird gesendet…",
  understood: "Top Dog hat verstanden",
  readThenApprove: "Lesen und dann freigeben",
  yes: "Ja, ausführen",
  no: "Nein",
  nothingDone: "Es wurde nichts ausgeführt.",
  tooLate: "Die Zeit zum Bestätigen ist abgelaufen. Es wurde nichts ausgeführt. Geben Sie den Befehl noch einmal.",
  lost: "Keine Antwort. Prüfen Sie die Verbindung, und versuchen Sie es dann noch einmal.",
  lostAfterTap:
    "Keine Antwort. Der Befehl wurde möglicherweise ausgeführt: Sehen Sie im Posteingang nach, bevor Sie ihn noch einmal geben.",
  quick: "Schnellbefehle",
  result: "{{status}}: {{message}}",
} as const;

export const quickCommands = ["Status", "Approve", "Reject", "Help"] as const;

export const commandStatus = { done: "Befehl ausgeführt", failed: "Befehl fehlgeschlagen" } as const;

export const speech = {
  speak: "Sprechen",
  privacy: "Der Hersteller Ihres Browsers erkennt, was Sie sagen, nicht Top Dog.",
  starting: "Einen Moment…",
  listening: "Hört zu… Zum Beenden tippen",
  silence: "Es war nichts zu hören. Sprechen Sie noch einmal, oder tippen Sie den Befehl.",
  denied: "Diese Seite darf das Mikrofon nicht verwenden. {{instead}}",
  unavailable: "Dieser Browser kann hier keine Sprache erkennen. {{instead}}",
} as const;
