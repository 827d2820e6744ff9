export const access = {
  heading: "Wer hier handeln darf",
  windows: "Geöffnete Einstellungsseiten",
  windowsIntro:
    "Seiten in Browsern, die mit dem Link von Top Dog geöffnet wurden. Jede kann alles auf dieser Seite tun, bis ihr Tab geschlossen oder sie einen Tag lang nicht verwendet wird.",
  noWindows: "In keinem Browser ist eine Einstellungsseite geöffnet.",
  thisPage: "Diese Seite",
  browserOn: "{{browser}} unter {{system}}",
  noBrowser: "Eine Seite im Programm, das Top Dog ausführt",
  opened: "geöffnet {{time}}",
  used: "zuletzt verwendet {{time}}",
  justNow: "gerade eben",
  end: "Zugriff beenden",
  endThis: "Zugriff dieser Seite beenden",
  about: "{{action}}: {{name}}, geöffnet {{time}}",
  ended: "Der Zugriff der Seite ist beendet. Um sie wieder zu verwenden, öffnen Sie sie mit dem Link von Top Dog.",
  keyHeading: "Schlüssel für andere Programme",
  keyIntro:
    "Programme, die Top Dog nicht als Ihre erkennt, senden den Inhalt der Datei local_key im Speicherordner: Programme in einem Container oder eines Kontos, dem Sie ihn gegeben haben, und unter macOS und Windows alle Programme.",
  replaceKey: "Schlüssel ersetzen",
  replaceKeyTitle: "Schlüssel für andere Programme ersetzen?",
  replaceKeyText:
    "Programme, die den jetzigen Schlüssel senden, werden ab sofort abgewiesen, bis sie die Datei local_key neu lesen. topdog-phone liest sie jedes Mal. Smartphones und geöffnete Einstellungsseiten sind nicht betroffen.",
  keyReplaced: "Der Schlüssel wurde ersetzt. Programme müssen die Datei local_key neu lesen.",
} as const;
