/** What the server answers in a success, or reports about its own parts. */
export const server = {
  // Successes
  inviteSent: "SMS sent! Link expires in {{minutes}} minutes.",
  inviteResent: "SMS resent successfully",
  phoneRevoked: "Device revoked successfully",
  phoneUnpaired: "Device unpaired successfully",
  notificationSent: "Notification sent successfully",
  approvalSent: "Approval request sent successfully",

  // A phone number as it was typed
  notANumber: "This isn't a phone number. Include the country code, for example +1 415 555 2671.",
  wrongLength: "This number has too few or too many digits. Check the number.",
  notTextable: "This number costs extra or can't receive text messages. Use a mobile number.",
  otherReading: "This can also be read as {{number}}. Check the number, or type it with + and its country code.",
  landline: "This may be a landline that can't receive text messages.",

  // Alerts
  alertPhonePaired: "A new phone is paired: {{phone}}. Not you? Revoke it in Top Dog on your computer, under Paired phones.",
  alertPhoneWaits: "A new phone waits for a confirmation: {{phone}}. Not you? Revoke it in Top Dog on your computer, under Paired phones.",
  alertLinkUsedAgain:
    "The link that paired {{phone}} was used again from another phone, and refused. Is {{phone}} not yours? Revoke it in Top Dog on your computer, under Paired phones.",
  alertWrongAdminTokens:
    "Several wrong admin tokens came from {{address}} within a minute. Not you? Find out which program or person it was, and replace the admin token.",

  // A test of a phone's channels
  test: "This is a test. Messages reach this phone.",
  pushAccepted: "The push service accepted the notification. It appears as soon as the phone is online.",
  pushGone: "The phone's browser no longer accepts notifications. Turn them on again in its inbox, under This phone.",
  pushNotAllowed: "Top Dog isn't allowed to use this browser's push service. Allow it in Top Dog's settings, under More push services.",
  pushOff: "Notifications are off on this phone. Turn them on in its inbox, under This phone.",
  pushBusy: "Too many notifications wait for it.",
  pushAnswered: "It answered with status {{status}}.",
  pushLate: "It did not answer in time.",
  pushUnreachable: "It was not reached: {{reason}}.",
  pushNotPublic: "an address that is not public",
  pushFailed: "The push service didn't accept the notification. {{reason}}",
  textReady: "This phone gets a text message about an approval that doesn't reach you in another way.",
  textOff: "Text messages about approvals are off. You can turn them on in Top Dog's settings on the computer.",
  textNoNumber:
    "This phone can't get text messages about approvals because its number isn't known. Pair it by text message to change that.",
  testTextSent: "Test message sent. Check the phone.",

  // Connections that leave this computer
  proxyIsSocks: "{{name}} is a SOCKS proxy, which Top Dog cannot use: connections go straight out.",
  proxyInvalid: "{{name}}: must be an address like http://proxy.mycompany.com:8080",
  proxyLogin: "the proxy asks for a user name and password: write them into HTTPS_PROXY, as http://name:password@host:port",
  proxyRefused: "the proxy refused the connection ({{status}})",
  noAnswer: "no answer",
  brokerUnusable: "The MQTT broker cannot be used ({{reason}}). Phones have their inbox meanwhile.",

  ideGone: "The IDE disconnected before the command finished.",
  resultUnknown: {
    one: "The IDE has not answered for {{count}} minute, so the result is unknown. Check the IDE before you send the command again.",
    other: "The IDE has not answered for {{count}} minutes, so the result is unknown. Check the IDE before you send the command again.",
  },

  // Pages of the local door
  pageNotBuilt: "The settings page has not been built. Run: npm run build",
  docsTitle: "Top Dog Phone Pairing: the API",
  docsNeedJavaScript: "This page needs JavaScript. The same description as data: {{link}}",

  // Listening
  localDoor: "local door",
  phoneDoor: "phone door",
  metricsDoor: "metrics port",
  localDoorOpen: "Local door   {{address}}",
  phoneDoorOpen: "Phone door   {{address}}",
  metricsDoorOpen: "Metrics      {{address}}",
  portInUse:
    "The {{door}} can't open {{address}} because the port is in use. Set {{variable}} to another port (0 takes a free one), or stop the program that uses it.",
  portForbidden: "The {{door}} can't open {{address}} because this account may not use the port. Set {{variable}} to a port above 1023.",
  noSuchAddress: "The {{door}} can't open {{address}} because this computer has no such address. Set {{variable}} to one of its addresses.",
  unknownHost: "The {{door}} can't open {{address}} because the host name isn't known. Set {{variable}} to an address of this computer.",
  cannotOpen: "The {{door}} can't open {{address}} ({{code}}).",
} as const;
