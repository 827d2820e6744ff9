export const welcome = {
  title: "Willkommen",
  intro: "Vier kurze Schritte. Sie können jeden überspringen; nichts schaltet sich ohne Sie ein.",
  heading: "Schritt {{step}} von {{steps}}: {{name}}",
  steps: { you: "Über Sie", sms: "SMS", reachability: "Erreichbarkeit für Smartphones", confirm: "Neue Smartphones" },
  you: "Ihr Name steht in der SMS. Ihr Land wird verwendet, wenn Sie eine Nummer ohne Landesvorwahl eingeben.",
  now: "Aktuell: {{name}}, {{country}}.",
  nowNameless: "Aktuell: kein Name, {{country}}.",
  sms: "Top Dog kann den Kopplungslink per SMS an ein Smartphone senden. Ein Anbieter wie Twilio sendet SMS und berechnet sie Ihnen. Der Testmodus sendet nichts und zeigt den Link hier an; das genügt zum Ausprobieren. Ein QR-Code braucht keinen Anbieter.",
  reachability:
    "Ein Smartphone kann den Link von überall öffnen. Deshalb braucht dieser Computer eine öffentliche Adresse: einen Tunnel, den Sie hier starten, oder eine eigene Adresse. Das geht auch später.",
  confirm:
    "Wir empfehlen {{choice}}: Sie geben hier zwei Ziffern von jedem neuen Smartphone ein. Ein weitergeleiteter oder fotografierter Link koppelt dann kein anderes Smartphone.",
  back: "Zurück",
  next: "Weiter",
  finish: "Fertigstellen",
  saving: "Wird gesichert…",
  skip: "Einrichtung überspringen",
  open: "Die Einrichtung ist nicht abgeschlossen. Ihre Eingaben sind noch da.",
  goOn: "Einrichtung fortsetzen",
  notSaved: "Ihr Fortschritt konnte nicht gesichert werden",
  again: "Einrichtung noch einmal anzeigen",
} as const;

export const start = {
  heading: "Top Dog konnte die Kopplung nicht starten",
  fixed:
    "Das ist dort festgelegt, wo Top Dog gestartet wird: in seiner Umgebung oder in der IDE, die es enthält. Ändern Sie es dort, und starten Sie Top Dog neu.",
  port: "Anderer Port",
  portHint: "Eine Zahl von 1024 bis 65535 oder 0 für einen beliebigen freien Port. Er wird gesichert.",
  portWrong: "Geben Sie eine ganze Zahl von 0 bis 65535 ein.",
  usePort: "Diesen Port verwenden",
  chooseFolder: "Anderen Ordner wählen…",
  waysBack: {
    previous: "Letzte funktionierende Einstellungen wiederherstellen",
    default: "Stattdessen den Standard verwenden",
    aside: "Datei beiseitelegen und die Standardwerte verwenden",
  },
  trying: "Startet…",
} as const;

export const desktop = {
  heading: "Diese App",
  close_to_tray: "Beim Schließen des Fensters im Infobereich weiterlaufen, damit Smartphones sie noch erreichen",
  start_at_login: "Bei der Anmeldung starten",
  look_for_updates: "Nach Updates suchen und sie laden; installiert werden sie, wenn Sie die App beenden",
  failed: "Das wurde nicht geändert",
} as const;

export const updates = {
  check: "Jetzt suchen",
  install: "Neu starten und installieren",
  idle: "Noch nicht nach Updates gesucht.",
  checking: "Es wird nach Updates gesucht…",
  latest: "Sie haben die neueste Version, {{version}}.",
  loading: "Version {{version}} wird geladen: {{percent}} %.",
  ready: "Version {{version}} ist bereit zur Installation.",
  failed:
    "Die Suche nach Updates ist fehlgeschlagen: {{sentence}} Prüfen Sie die Internetverbindung, und versuchen Sie es dann noch einmal.",
} as const;
