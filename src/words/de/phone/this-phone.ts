export const thisPhone = {
  heading: "Dieses Gerät",
  waiting: "Ihr Computer wird nach diesem Smartphone gefragt… Wenn nichts passiert, prüfen Sie, ob Top Dog läuft.",
  name: "Name",
  user: "Benutzer",
  paired: "Gekoppelt",
  expires: "Zugriff endet",
  abilities: "Es kann",
  install: "App installieren",
} as const;

export const unpair = {
  heading: "Entkoppeln",
  open: "Dieses Smartphone entkoppeln…",
  question:
    "Dieses Smartphone entkoppeln? Es erhält keine Benachrichtigungen mehr und kann keine Builds freigeben. Um das rückgängig zu machen, koppeln Sie es neu.",
  keep: "Gekoppelt lassen",
  confirm: "Entkoppeln",
  busy: "Wird entkoppelt…",
} as const;

export const languageChoice = { label: "Sprache" } as const;

export const rename = {
  label: "Name dieses Smartphones",
  save: "Name speichern",
  saving: "Wird gespeichert…",
  saved: "Gespeichert. Top Dog zeigt ab jetzt diesen Namen.",
  empty: "Geben Sie einen Namen mit 1 bis 40 Zeichen ein.",
} as const;

export const notifications = {
  heading: "Benachrichtigungen",
  asking: "Wird geprüft…",
  unknown: "Es ließ sich nicht prüfen, ob Benachrichtigungen an sind.",
  again: "Erneut prüfen",
  on: "An. Sie werden benachrichtigt, wenn eine Freigabe wartet, und bei wichtigen Neuigkeiten. Angezeigt wird nur der Name des Projekts.",
  off: "Aus. Neuigkeiten und Freigaben warten hier, bis Sie den Posteingang öffnen.",
  allow: "Benachrichtigungen erlauben",
  allowing: "Wartet auf Ihre Erlaubnis…",
  test: "Testbenachrichtigung senden",
  testing: "Wird gesendet…",
  switchOff: "Ausschalten",
  switchingOff: "Wird ausgeschaltet…",
  denied:
    "Blockiert: Diese Seite darf keine Benachrichtigungen anzeigen. Erlauben Sie sie für diese Seite oder für die Top-Dog-App in den Einstellungen des Smartphones, und kommen Sie dann zurück.",
  deniedApple:
    "Blockiert: Diese Seite darf keine Benachrichtigungen anzeigen. Öffnen Sie „Einstellungen“, dann „Mitteilungen“ und „Top Dog“, und schalten Sie „Mitteilungen erlauben“ ein. Kommen Sie danach zurück.",
  deniedAndroid:
    "Blockiert: Diese Seite darf keine Benachrichtigungen anzeigen. Tippen Sie auf das Symbol neben der Adresse, dann auf „Berechtigungen“, und erlauben Sie Benachrichtigungen. Kommen Sie danach zurück.",
  notAnswered: "Sie haben nichts gewählt. Tippen Sie noch einmal, wenn Sie Benachrichtigungen möchten.",
  homeScreenFirst:
    "Auf einem iPhone oder iPad erhalten nur Apps auf dem Home-Bildschirm Benachrichtigungen. Fügen Sie Top Dog zuerst zum Home-Bildschirm hinzu, und erlauben Sie sie dort.",
  noBrowser:
    "Dieser Browser kann keine Benachrichtigungen anzeigen. Öffnen Sie den Posteingang in einem anderen Browser oder unter seiner https-Adresse.",
  failed:
    "Der Browser konnte Benachrichtigungen nicht einschalten. Prüfen Sie, ob sie auf diesem Smartphone erlaubt sind, und versuchen Sie es dann noch einmal.",
} as const;

export const homeScreen = {
  heading: "Auf Ihrem Home-Bildschirm",
  why: "Ein iPhone oder iPad zeigt Benachrichtigungen nur von einer App auf dem Home-Bildschirm. Die App ist als dieses Smartphone angemeldet.",
  share: "Tippen Sie in Safari auf {{sign}} Teilen und dann auf „Zum Home-Bildschirm“.",
  shareSign: "die Taste „Teilen“",
  openApp: "Öffnen Sie Top Dog vom Home-Bildschirm, und erlauben Sie dort Benachrichtigungen.",
  openSafari: "Das geht in Safari. Öffnen Sie dort {{address}}.",
  typeCode: "Geben Sie den Code unten ein. Safari ist dann als dieses Smartphone angemeldet und zeigt die nächsten Schritte.",
  asking: "Code wird geholt…",
  ifAsked: "Wenn die App nach einem Code fragt, geben Sie {{code}} ein. Er gilt einmal, bis {{time}}.",
  code: "Code: {{code}}. Er gilt einmal, bis {{time}}.",
  again: "Code holen",
  add: "Zum Home-Bildschirm",
} as const;

export const androidHomeScreen =
  "Um ihn auf den Startbildschirm zu bringen, öffnen Sie den Posteingang, dann das Menü des Browsers, und tippen Sie auf „Zum Startbildschirm hinzufügen“ oder „App installieren“.";
