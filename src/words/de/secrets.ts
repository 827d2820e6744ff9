export const secrets = {
  no_library:
    "Dieser Computer kann seinen Schlüsselbund nicht verwenden, weil eine Bibliothek fehlt. Installieren Sie sie (Debian und Ubuntu: sudo apt install libsecret-1-0), und versuchen Sie es dann noch einmal.",
  no_bus:
    "Der Schlüsselbund ist nicht erreichbar, weil es keine D-Bus-Sitzung gibt. Starten Sie Top Dog aus Ihrer Desktop-Sitzung oder unter dbus-run-session, und versuchen Sie es dann noch einmal.",
  no_service:
    "In dieser Sitzung läuft kein Schlüsselbund. Starten Sie einen (GNOME Keyring, KWallet oder KeePassXC mit eingeschaltetem Secret Service), und versuchen Sie es dann noch einmal.",
  locked:
    "Der Schlüsselbund ist gesperrt. Entsperren Sie ihn (in der App „Passwörter und Verschlüsselung“ oder durch Anmelden mit Ihrem Passwort), und versuchen Sie es dann noch einmal.",
  waiting:
    "Das System bittet Sie, den Schlüsselbund zu entsperren. Antworten Sie in seinem Fenster, dann macht Top Dog weiter. Kein Fenster? Versuchen Sie es noch einmal.",
  stopped:
    "Der Schlüsselbund wurde beendet oder gesperrt, während Top Dog lief. Entsperren Sie ihn, oder melden Sie sich ab und wieder an, dann macht Top Dog weiter.",
  missing:
    "Der Schlüsselbund ist offen, enthält aber die Geheimnisse von Top Dog nicht mehr: Sie wurden gelöscht, oder der Schlüsselbund ist neu. Stellen Sie ihn aus einem Backup wieder her, und versuchen Sie es dann noch einmal.",
  other_item:
    "Der Schlüsselbund enthält einen anderen Wert als den, den Top Dog gespeichert hat: Er wurde geändert oder stammt aus einem älteren Backup. Stellen Sie den Schlüsselbund wieder her, und versuchen Sie es dann noch einmal.",
  other_backend:
    "Die Geheimnisse von Top Dog sind im Schlüsselbund eines anderen Programms als dem, das jetzt läuft. Melden Sie sich an demselben Desktop wie zuvor an, und versuchen Sie es dann noch einmal.",
  note_damaged:
    "keychain.json im Speicherordner ist beschädigt. Top Dog weiß deshalb nicht, was es im Schlüsselbund gespeichert hat. Stellen Sie die Datei aus einem Backup wieder her, und versuchen Sie es dann noch einmal.",
  file_unusable: "Eine Datei mit Geheimnissen kann nicht verwendet werden.",
  database_unusable: "Die Geheimnisse in der Datenbank sind nicht lesbar.",
  key_damaged:
    "Der Signaturschlüssel ist beschädigt. Ersetzen Sie ihn durch den vorherigen Schlüssel aus einem Backup, und versuchen Sie es dann noch einmal.",
  failed: "Der Schlüsselbund ist aus unbekanntem Grund fehlgeschlagen. Einzelheiten stehen im Log. Versuchen Sie es danach noch einmal.",
} as const;
