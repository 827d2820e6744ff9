import { smsFailures } from "./sms-failures.ts";

const smsNotSent = {
  ...smsFailures,
  incomplete: "{{provider}} ist nicht vollständig eingerichtet. Es fehlt: {{missing}}.",
  proxy_refused: "Es wurde nichts gesendet: {{why}}.",
  aws_not_signed_in:
    "Es wurde nichts gesendet: Sie sind nicht bei AWS angemeldet. Führen Sie {{command}} aus, und senden Sie dann noch einmal.",
  aws_no_credentials:
    "AWS-Zugangsdaten waren nicht lesbar. Führen Sie aws configure aus, oder legen Sie AWS_ACCESS_KEY_ID und AWS_SECRET_ACCESS_KEY fest.",
} as const;

export const errors = {
  invalid_request: {
    default: "Die Anfrage ist nicht gültig. Prüfen Sie ihre Felder, und senden Sie sie noch einmal.",
    not_json: "Die Anfrage ist kein gültiges JSON.",
    not_http: "Die Anfrage ist kein gültiges HTTP.",
    fields: "Prüfen Sie das Feld {{fields}}.",
    settings: "Prüfen Sie {{settings}}.",
    unknown_country: "{{country}} ist kein Ländercode.",
    other_country: "{{country}} ist kein Ländercode: Verwenden Sie {{codes}}.",
    near_countries: "{{country}} ist kein Ländercode; am nächsten liegen {{codes}}.",
    empty_name: "Der Name ist leer. Geben Sie einen Namen mit 1 bis 40 Zeichen ein.",
    hidden_characters: "Der Befehl enthält unlesbare Zeichen. Geben Sie ihn noch einmal ein.",
    nothing_changed: "Ändern Sie etwas: Senden Sie device_name, level oder beides.",
    time_in_past: "requires_approval_by liegt in der Vergangenheit. Lassen Sie etwas Zeit zum Antworten.",
    time_too_far: "requires_approval_by liegt mehr als {{days}} Tage in der Zukunft.",
    nothing_acknowledged: "Bestätigen Sie etwas: Senden Sie seq, read oder beides.",
    admin_token_in_use: "Änderungen an Geräten verlangen dieses Token noch. Schalten Sie zuerst diese Einstellung aus.",
    message_not_json: "Die Nachricht ist kein gültiges JSON in UTF-8.",
    wrong_topic: "Das ist eine Nachricht vom Typ {{type}} unter dem Topic von {{topic}}.",
  },
  invalid_phone_number: {
    default: "Diese Nummer kann keine SMS empfangen. Verwenden Sie die Form +14155551234, mit der Landesvorwahl zuerst.",
    costly:
      "Diese Nummer kostet extra oder kann keine SMS empfangen (Sonderrufnummer, Pager, Mailbox oder Kurzwahl). Verwenden Sie eine Mobilnummer.",
  },
  country_not_allowed:
    "SMS in dieses Land sind hier nicht erlaubt. Verwenden Sie eine andere Nummer, oder nehmen Sie das Land in PAIRING_ALLOWED_COUNTRIES auf.",
  invite_not_found: "Dieser Link ist nicht gültig. Prüfen Sie, ob er vollständig ist, oder fordern Sie in Top Dog einen neuen an.",
  invite_already_used:
    "Dieser Link wurde bereits verwendet. Wenn Sie das nicht waren, entfernen Sie das Smartphone in Top Dog. Um ein anderes Smartphone zu koppeln, fordern Sie einen neuen Link an.",
  invite_expired: "Dieser Link ist abgelaufen. Fordern Sie in Top Dog einen neuen an.",
  invite_cancelled: "Diese Einladung wurde zurückgezogen. Fordern Sie in Top Dog einen neuen Link an.",
  otp_required: "Einmalpasswort erforderlich. Geben Sie die sechs Ziffern neben dem QR-Code ein.",
  otp_invalid: {
    default: "Das Einmalpasswort stimmt nicht. Geben Sie die sechs Ziffern neben dem QR-Code ein.",
    tries_left: {
      one: "Das Einmalpasswort stimmt nicht. Geben Sie die sechs Ziffern neben dem QR-Code ein. Noch {{count}} Versuch.",
      other: "Das Einmalpasswort stimmt nicht. Geben Sie die sechs Ziffern neben dem QR-Code ein. Noch {{count}} Versuche.",
    },
    last_try:
      "Das Einmalpasswort stimmt nicht. Das war der letzte Versuch; der QR-Code funktioniert nicht mehr. Erstellen Sie in Top Dog einen neuen.",
  },
  claim_closed: {
    default: "Dieses Smartphone wurde nicht rechtzeitig bestätigt, oder es wurden andere Ziffern eingegeben. Akzeptieren Sie noch einmal.",
    none_open:
      "Gerade wartet kein Smartphone auf seine Ziffern. Akzeptieren Sie auf dem Smartphone, und geben Sie dann die Ziffern ein, die es zeigt.",
  },
  digits_mismatch: {
    default:
      "Kein wartendes Smartphone zeigt diese Ziffern. Akzeptieren Sie auf dem Smartphone noch einmal, und geben Sie dann die neuen Ziffern ein.",
    last_try:
      "Kein wartendes Smartphone zeigt diese Ziffern. Das war der letzte Versuch: Der Link funktioniert nicht mehr. Senden Sie einen neuen.",
  },
  idempotency_key_reused: "Dieser Idempotency-Key wurde schon mit einer anderen Anfrage verwendet. Verwenden Sie einen neuen Schlüssel.",
  rate_limited: {
    default: "Zu viele Anfragen. Warten Sie einen Moment, und versuchen Sie es noch einmal.",
    try_again: "Zu viele Anfragen. Versuchen Sie es in {{seconds:duration}} noch einmal.",
    just_sent:
      "Dieser Link wurde gerade erst gesendet. Lassen Sie ihm Zeit anzukommen, bevor Sie ihn erneut senden, oder zeigen Sie stattdessen einen QR-Code an.",
    open_claims:
      "Andere Smartphones haben diesen Link geöffnet und warten auf eine Bestätigung. Bestätigen Sie eines in Top Dog, oder versuchen Sie es in zwei Minuten noch einmal.",
    unconfirmed_phones:
      "Es warten schon zu viele Smartphones auf eine Bestätigung. Bestätigen oder entfernen Sie sie in Top Dog unter „Gekoppelte Smartphones“.",
    wrong_keys: "Von dieser Adresse kamen zu viele falsche Schlüssel. Versuchen Sie es in {{seconds:duration}} noch einmal.",
    wrong_admin_tokens: "Von dieser Adresse kamen zu viele falsche Admin-Tokens. Versuchen Sie es in {{seconds:duration}} noch einmal.",
    wrong_codes: "Zu viele falsche Codes. Warten Sie zehn Minuten, und holen Sie sich dann einen neuen.",
  },
  too_many_invites:
    "Es gibt schon 10.000 offene Einladungen. Warten Sie, bis einige ablaufen, oder ziehen Sie die zurück, die Sie nicht brauchen.",
  sms_budget_exceeded:
    "An diese Nummer können vorerst keine SMS mehr gesendet werden. Warten Sie, oder teilen Sie den Link auf anderem Weg.",
  sms_send_failed: { default: "Die SMS konnte nicht gesendet werden.", ...smsNotSent },
  sms_outcome_unknown: {
    default:
      "Es ließ sich nicht bestätigen, dass die Nachricht gesendet wurde. Sehen Sie auf dem Smartphone nach, bevor Sie erneut senden.",
    ...smsNotSent,
  },
  sms_number_rejected: {
    default: "Der SMS-Anbieter akzeptiert diese Nummer nicht. Prüfen Sie sie, oder verwenden Sie eine andere.",
    ...smsNotSent,
  },
  sms_opted_out: { default: smsFailures.opted_out, ...smsNotSent },
  sms_region_blocked: {
    default: "Der SMS-Anbieter darf in dieses Land keine SMS senden. Erlauben Sie es in den Länderberechtigungen des Anbieters.",
    ...smsNotSent,
  },
  sms_settings_incomplete: {
    default: "Der gewählte SMS-Anbieter ist nicht vollständig eingerichtet. Ergänzen Sie, was fehlt.",
    incomplete: smsNotSent.incomplete,
  },
  setting_locked: {
    default:
      "Diese Einstellung kommt aus der Umgebung oder aus der IDE, die Top Dog gestartet hat. Ändern Sie sie dort, und starten Sie Top Dog neu.",
    variable: "Durch {{variable}} festgelegt. Ändern Sie es dort, und starten Sie Top Dog neu.",
    base_url:
      "Links verwenden die Adresse in PAIRING_BASE_URL; ein Tunnel hätte keine Wirkung. Entfernen Sie sie aus der Umgebung, und starten Sie Top Dog neu.",
  },
  tunnel_program_unusable: {
    default:
      "Diese Datei kann nicht als cloudflared verwendet werden. Wählen Sie das Programm selbst, oder lassen Sie das Feld leer, um es automatisch zu finden.",
    not_found: "Unter diesem Pfad gibt es keine Datei. Geben Sie den ganzen Pfad von cloudflared ein.",
    unusable: "{{why}}",
  },
  tunnel_running: "Der Tunnel läuft, und Smartphones verwenden ihn vielleicht. Stoppen Sie ihn, bevor Sie den Anbieter wechseln.",
  secrets_unavailable: {
    default:
      "Das Geheimnis konnte nicht gesichert werden. Es wurde nichts geändert. Entsperren oder reparieren Sie den Ort der Geheimnisse, und versuchen Sie es dann noch einmal.",
    sms: "Es kann keine SMS gesendet werden: {{why}}",
    sms_unreadable: "Es kann keine SMS gesendet werden: Die gesicherten Geheimnisse sind nicht lesbar.",
    authtoken_not_saved: "Das Authtoken konnte nicht gesichert werden. Es wurde nichts geändert. {{why}}",
    authtoken_not_removed: "Das Authtoken wird nicht mehr verwendet, konnte aber nicht gelöscht werden. {{why}}",
    authtoken_gone: "Das gesicherte Authtoken ist weg. Sichern Sie es noch einmal.",
    admin_token_unreadable: "Das Admin-Token ist nicht lesbar. {{why}}",
    admin_token_gone: "Das gesicherte Admin-Token ist weg. Starten Sie Top Dog mit gesetztem ADMIN_TOKEN.",
    admin_token_not_saved: "Das Admin-Token konnte nicht gesichert werden. Es wurde nichts geändert. {{why}}",
    admin_token_not_removed: "Das Admin-Token funktioniert nicht mehr, konnte aber nicht gelöscht werden. {{why}}",
  },
  bad_signature:
    "Dieser Bericht ist nicht vom SMS-Anbieter signiert. Setzen Sie PAIRING_BASE_URL auf die Adresse, an die er gesendet wurde.",
  device_not_found: {
    default: "Kein gekoppeltes Smartphone hat diese ID. Vielleicht wurde ihm der Zugriff schon entzogen.",
    none_active: "Kein aktives Smartphone kann antworten. Koppeln Sie eines, entsperren Sie eines, oder geben Sie einem das Recht dazu.",
    none_of_user:
      "Kein aktives Smartphone von {{user}} kann antworten. Koppeln Sie eines, entsperren Sie eines, oder geben Sie einem das Recht dazu.",
  },
  device_id_taken:
    "Ein anderes gekoppeltes Smartphone hat diese Geräte-ID, und dieser Link kann es nicht ersetzen. Öffnen Sie Top Dog auf Ihrem Computer, und koppeln Sie das Smartphone mit einem Link von dort, oder entziehen Sie zuerst dem anderen den Zugriff.",
  device_ambiguous: {
    default: "Zwei Benutzer haben ein Smartphone mit dieser ID. Ergänzen Sie ?user_id=, um zu sagen, welches Sie meinen.",
    body: "Zwei Benutzer haben ein Smartphone mit dieser ID. Ergänzen Sie user_id, um zu sagen, welches Sie meinen.",
  },
  user_required:
    "Mehrere Benutzer haben gekoppelte Smartphones. Nennen Sie einen mit user_id (auf der Befehlszeile: --user) oder alle mit all (--all).",
  forbidden_level: {
    default: "Dieses Smartphone darf das nicht. Ändern Sie seine Rechte in Top Dog auf Ihrem Computer unter „Gekoppelte Smartphones“.",
    answer:
      "Dieses Smartphone darf keine Freigaben beantworten. Ändern Sie seine Rechte in Top Dog auf Ihrem Computer unter „Gekoppelte Smartphones“, oder antworten Sie dort.",
    command:
      "Dieses Smartphone darf keine Befehle geben. Ändern Sie seine Rechte in Top Dog auf Ihrem Computer unter „Gekoppelte Smartphones“.",
    raise:
      "Das würde dem Smartphone mehr Rechte geben, als es hat. Ändern Sie sie auf der Einstellungsseite von Top Dog, oder senden Sie das Admin-Token.",
  },
  device_suspended: "Dieses Smartphone ist gesperrt. Entsperren Sie es in Top Dog, um fortzufahren.",
  device_unconfirmed:
    "Dieses Smartphone ist noch nicht bestätigt. Bestätigen Sie es in Top Dog auf Ihrem Computer unter „Gekoppelte Smartphones“.",
  handoff_not_found:
    "Dieser Code ist nicht gültig: Er wurde schon verwendet oder ist älter als zehn Minuten. Holen Sie einen neuen in dem Browser, in dem dieses Smartphone gekoppelt ist: Öffnen Sie den Posteingang und dann „Dieses Smartphone“.",
  device_mismatch:
    "Diese Anfrage ist für ein anderes Smartphone als das, zu dem ihr Token gehört. Senden Sie die ID des anfragenden Smartphones.",
  approval_not_found: "Keine Freigabe hat diese ID. Sie ist vielleicht schon lange beendet.",
  too_many_approvals: {
    default:
      "Es warten schon zu viele Freigaben auf eine Antwort. Beantworten Sie einige, oder ziehen Sie sie zurück, und fragen Sie dann noch einmal.",
    just_rejected: "Dieselbe Anfrage wurde gerade abgelehnt. Fragen Sie in {{seconds:duration}} noch einmal.",
    project_rejected:
      "{{count}} Freigaben dieses Projekts wurden innerhalb einer Minute abgelehnt. Fragen Sie in {{seconds:duration}} noch einmal.",
  },
  already_decided: {
    default: "Das wurde bereits entschieden. Sehen Sie sich die Antwort an, bevor Sie noch einmal fragen.",
    approved: "Das wurde bereits freigegeben.",
    rejected: "Das wurde bereits abgelehnt.",
    approved_on_phone: "Das wurde bereits auf {{device}} freigegeben, {{at}}.",
    rejected_on_phone: "Das wurde bereits auf {{device}} abgelehnt, {{at}}.",
    approved_on_computer: "Das wurde bereits am Computer freigegeben, {{at}}.",
    rejected_on_computer: "Das wurde bereits am Computer abgelehnt, {{at}}.",
  },
  answers_on_phones_only:
    "Freigaben werden nur auf Smartphones beantwortet. Antworten Sie auf einem Smartphone, oder ändern Sie „Antworten an diesem Computer“ in den Einstellungen von Top Dog (PAIRING_ANSWERS_AT_COMPUTER).",
  approval_changed:
    "Der Inhalt hat sich geändert, seit er angezeigt wurde. Öffnen Sie die Freigabe noch einmal, lesen Sie sie, und antworten Sie dann.",
  number_mismatch: {
    default: "Das ist nicht die Zahl, die der Computer zeigt. Eine weitere falsche Zahl lehnt diese Anfrage ab.",
    missing: "Diese Anfrage hat ein hohes Risiko. Um sie freizugeben, wählen Sie die Zahl, die der Computer zeigt.",
    rejected: "Das war die zweite falsche Zahl. Die Anfrage wurde deshalb abgelehnt.",
  },
  approval_expired: "Es kam nicht rechtzeitig eine Antwort; diese Freigabe ist abgelaufen. Fragen Sie noch einmal.",
  approval_cancelled: "Diese Freigabe wurde von dem Programm zurückgezogen, das sie angefragt hat.",
  voice_handler_not_found: "Dieser Handler ist nicht registriert oder fragt nicht mehr an. Registrieren Sie ihn noch einmal.",
  voice_command_not_found: "Kein solcher Befehl wartet auf sein Ergebnis.",
  notification_not_found: "Keine Benachrichtigung hat diese ID. Benachrichtigungen werden eine Woche aufbewahrt.",
  push_unavailable: {
    default: "Benachrichtigungen lassen sich unter dieser Adresse nicht einschalten. Verwenden Sie eine dauerhafte https-Adresse.",
    not_https:
      "Benachrichtigungen brauchen eine dauerhafte https-Adresse. Legen Sie in Top Dog auf Ihrem Computer unter „Erreichbarkeit für Smartphones“ eine fest, und koppeln Sie dieses Smartphone dann dort neu.",
    changing_address:
      "Diese Adresse ändert sich bei jedem Neustart des Tunnels, und Benachrichtigungen würden damit enden. Legen Sie in Top Dog auf Ihrem Computer unter „Erreichbarkeit für Smartphones“ eine dauerhafte https-Adresse fest, und koppeln Sie dieses Smartphone dann dort neu.",
  },
  push_service_not_allowed:
    "Top Dog kennt den Push-Dienst dieses Browsers nicht. Verwenden Sie einen anderen Browser, oder erlauben Sie den Dienst in den Einstellungen von Top Dog unter „Weitere Push-Dienste“.",
  token_missing: "Ein Geräte-Token ist erforderlich: Senden Sie es als Authorization: Bearer <token>.",
  token_invalid: "Dieses Geräte-Token ist nicht gültig. Koppeln Sie das Smartphone neu.",
  token_expired: "Dieses Geräte-Token ist abgelaufen. Koppeln Sie das Smartphone neu.",
  token_revoked: "Diesem Smartphone wurde der Zugriff entzogen. Koppeln Sie es neu, um fortzufahren.",
  local_key_required:
    "Nur Programme des Kontos, das Top Dog ausführt, dürfen das anfragen. Senden Sie den Inhalt der Datei local_key aus seinem Speicherordner als x-local-key.",
  window_required: {
    default:
      "Das darf nur eine Person im Fenster von Top Dog tun. Öffnen Sie die Einstellungsseite mit dem Link, den der Server beim Start ausgegeben hat.",
    no_admin_token:
      "Das darf nur eine Person im Fenster von Top Dog tun, und dieser Server hat kein Admin-Token. Öffnen Sie die Einstellungsseite mit dem Link, den der Server beim Start ausgegeben hat, oder starten Sie den Server mit ADMIN_TOKEN.",
    former_link:
      "Dieser Link ist nicht gültig. Der Server wurde seitdem neu gestartet: Öffnen Sie den Link, den er zuletzt ausgegeben hat.",
  },
  admin_token_required: "Ein Admin-Token ist erforderlich: Senden Sie es als x-admin-token.",
  admin_token_invalid: "Dieses Admin-Token ist falsch. Vergleichen Sie es mit ADMIN_TOKEN auf dem Server.",
  storage_unavailable: {
    default:
      "Die Änderung konnte nicht gespeichert werden. Es wurde nichts geändert. Schaffen Sie Platz, oder reparieren Sie den Speicherordner, und versuchen Sie es dann noch einmal.",
    outcome_unknown:
      "Die Verbindung zur Datenbank ging verloren; ob die Änderung gemacht wurde, ist unbekannt. Senden Sie die Anfrage mit demselben Idempotency-Key noch einmal, oder prüfen Sie zuerst, ob sie gemacht wurde.",
    audit_unreadable:
      "Das Protokoll ist gerade nicht lesbar. Prüfen Sie die Dateien pairing_audit*.jsonl im Speicherordner, und versuchen Sie es dann noch einmal.",
    audit_not_written:
      "Der neue Schlüssel {{kid}} signiert jetzt, aber das Protokoll konnte nicht geschrieben werden. Schaffen Sie Platz, oder reparieren Sie den Speicherordner. Ersetzen Sie den Schlüssel deswegen nicht noch einmal.",
  },
  server_stopping: "Der Server wird beendet. Senden Sie die Anfrage gleich noch einmal.",
  keys_unavailable: {
    default:
      "Ihr Computer kann die Anmeldung dieses Smartphones gerade nicht prüfen. Entsperren Sie seinen Schlüsselbund, und versuchen Sie es dann noch einmal.",
    cannot_finish:
      "Ihr Computer kann die Kopplung gerade nicht abschließen. Entsperren Sie seinen Schlüsselbund, und tippen Sie dann noch einmal auf „Akzeptieren“.",
    cannot_pair: "Gerade kann kein Smartphone gekoppelt werden. {{why}}",
    cannot_pair_key:
      "Gerade kann kein Smartphone gekoppelt werden. Der Signaturschlüssel kann nicht verwendet werden. Versuchen Sie es noch einmal.",
    cannot_rotate: "Der Schlüssel wurde nicht ersetzt. {{why}}",
    cannot_rotate_key:
      "Der Schlüssel wurde nicht ersetzt. Der Signaturschlüssel kann nicht verwendet werden. Versuchen Sie es noch einmal.",
    push: "Benachrichtigungen lassen sich gerade nicht einschalten. Entsperren Sie den Schlüsselbund Ihres Computers, und versuchen Sie es dann noch einmal.",
    secrets: "{{why}}",
  },
  keys_elsewhere: {
    default:
      "Der Signaturschlüssel kommt aus der Umgebung. Ersetzen Sie ihn dort, mit dem vorherigen öffentlichen Schlüssel dahinter, damit gekoppelte Smartphones gekoppelt bleiben.",
    fixed: "Dieser Server hat seine Geheimnisse an dem Ort, den seine Umgebung vorgibt. Nur in der Desktop-App können Sie wählen.",
  },
} as const;

export const httpErrors = {
  not_found: "Unter dieser Adresse gibt es nichts.",
  path_moved: {
    default: "Die Pfade unter /desk sind jetzt unter /admin. Verwenden Sie den neuen Pfad.",
    moved: "{{old}} ist umgezogen. Verwenden Sie stattdessen {{new}}.",
  },
  method_not_allowed: "Diese Adresse unterstützt diese Methode nicht. Siehe den Header Allow.",
  request_incomplete: "Die Anfrage kam nicht rechtzeitig vollständig an. Senden Sie sie noch einmal.",
  payload_too_large: "Die Anfrage ist größer als 16 KiB.",
  websocket_expected: "Das ist der Nachrichtenkanal: Öffnen Sie ihn als WebSocket der Version 13 mit dem Unterprotokoll mqtt.",
  uri_too_long: "Die Adresse ist länger als 4 KiB.",
  unsupported_media_type: {
    default: "Senden Sie JSON in UTF-8, unkomprimiert, mit Content-Type: application/json.",
    form: "Senden Sie ein Formular in UTF-8, unkomprimiert, mit Content-Type: application/x-www-form-urlencoded.",
  },
  host_not_allowed: "Dieser Server antwortet nicht auf diesen Hostnamen. Verwenden Sie die Adresse, die er beim Start ausgegeben hat.",
  headers_too_large: "Die Header der Anfrage sind größer als 16 KiB.",
  cross_site:
    "Eine andere Website darf diese Anfrage nicht senden. Öffnen Sie die Seite selbst, oder erlauben Sie die Website in den Einstellungen von Top Dog unter „Erlaubte Ursprünge“.",
  tunnel_at_local_door: {
    default: "Ein Tunnel führt zum lokalen Zugang.",
    port: "Ein Tunnel führt zum lokalen Zugang. Richten Sie ihn auf Port {{port}}.",
  },
  too_many_connections: "Zu viele Smartphones verbinden sich gleichzeitig. Versuchen Sie es in einer Minute noch einmal.",
  internal_error: "Auf dem Server ist etwas schiefgegangen. Einzelheiten stehen in seinem Log.",
} as const;
