export const smsFailures = {
  // Nicht gesendet
  number: "{{provider}} akzeptiert diese Nummer nicht. Prüfen Sie sie, oder verwenden Sie eine andere.",
  trial_account:
    "Dieses Testkonto kann nur an bestätigte Nummern senden. Bestätigen Sie die Nummer in der Konsole des Anbieters, oder erweitern Sie das Konto.",
  opted_out: "Diese Nummer hat SMS abbestellt. Senden Sie von ihr START an die Nummer des Absenders, um sie wieder zu bestellen.",
  region: "{{provider}} darf in dieses Land keine SMS senden. Erlauben Sie es in der Konsole des Anbieters (Länderberechtigungen).",
  sender: "{{provider}} akzeptiert den Absender nicht. Prüfen Sie Nummer, Messaging Service oder Absender-ID in den Einstellungen.",
  credentials: "{{provider}} akzeptiert die Zugangsdaten nicht. Prüfen Sie sie in den Einstellungen oder in der Umgebung.",
  account:
    "{{provider}} hat das Konto gesperrt. Den Grund finden Sie in der Konsole des Anbieters (oft das Guthaben). Senden Sie danach noch einmal.",
  daily_limit:
    "Der Absender hat sein Tageslimit erreicht. Senden Sie morgen noch einmal, erhöhen Sie das Limit in der Konsole des Anbieters, oder zeigen Sie einen QR-Code an.",
  budget: "Das Konto hat sein Ausgabenlimit erreicht. Es wurde nichts gesendet. Erhöhen Sie das Limit in der Konsole des Anbieters.",
  busy: "{{provider}} ist ausgelastet. Warten Sie einen Moment, und senden Sie dann noch einmal.",
  paused: "{{provider}} schlägt immer wieder fehl. Das Senden pausiert deshalb. Warten Sie einen Moment, und senden Sie dann noch einmal.",
  unreachable:
    "{{provider}} ist nicht erreichbar. Es wurde nichts gesendet. Prüfen Sie das Netzwerk dieses Computers, und senden Sie dann noch einmal.",
  not_set_up: "{{provider}} ist nicht vollständig eingerichtet. Vervollständigen Sie die Einstellungen.",
  outcome_unknown:
    "{{provider}} hat nicht rechtzeitig geantwortet. Es ließ sich nicht bestätigen, dass die Nachricht gesendet wurde. Sehen Sie auf dem Smartphone nach, bevor Sie erneut senden.",
  other: "{{provider}} hat die SMS abgelehnt. Sehen Sie den Fehlercode in der Dokumentation des Anbieters nach.",
  // Gesendet, aber nicht zugestellt
  phone_unreachable:
    "Das Smartphone ist nicht erreichbar: Es ist aus, außer Reichweite, oder die Nummer ist nicht vergeben. Prüfen Sie die Nummer, und senden Sie dann noch einmal.",
  blocked: "Der Netzbetreiber des Smartphones blockiert SMS von diesem Absender. Zeigen Sie stattdessen einen QR-Code an.",
  not_a_mobile: "Diese Nummer kann keine SMS empfangen. Verwenden Sie eine Mobilnummer.",
  filtered:
    "Der Netzbetreiber des Smartphones hat die Nachricht als Spam gefiltert. Fragen Sie den Anbieter, wie Sie den Absender registrieren, oder zeigen Sie stattdessen einen QR-Code an.",
  fraud_guard:
    "Der Betrugsschutz des Anbieters hat die Nachricht blockiert. Erlauben Sie die Nummer oder ihr Land in der Konsole des Anbieters, oder zeigen Sie stattdessen einen QR-Code an.",
  unregistered_sender:
    "Der Absender ist bei den Netzbetreibern dieses Landes nicht registriert. Registrieren Sie ihn beim Anbieter (in den USA: A2P 10DLC).",
  sender_suspended:
    "Die Registrierung des Absenders (in den USA: seine A2P-10DLC-Kampagne) ist ausgesetzt. Den Grund finden Sie in der Konsole des Anbieters, oder verwenden Sie einen anderen Absender.",
  too_late:
    "Die Nachricht konnte nicht zugestellt werden, bevor ihr Link abgelaufen ist. Senden Sie noch einmal, oder zeigen Sie stattdessen einen QR-Code an.",
  carrier:
    "Der Netzbetreiber des Smartphones hat die Nachricht nicht zugestellt. Senden Sie noch einmal, oder zeigen Sie stattdessen einen QR-Code an.",
} as const;
