import { expect, it } from "vitest";
import { OPERATIONS, type Operation } from "../../src/contract/operations.ts";

/**
 * Who may do what, decided by hand. The tests that ask the doors take their expectations from the table of operations, so a right that is
 * given away there by mistake shows here alone. In the words of the table: door, least caller, and what else is required.
 */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  // Makes an invite that waits for a person's confirmation where no person asks, or reveals and changes nothing of others.
  "local, anonymous": ["cancelInvite", "generateQr", "openWindow", "readCaller", "resendInvite", "sendInvite"],
  // A code, a secret or a signature in the request is what counts.
  "phone, anonymous": [
    ...["acceptInvite", "alive", "answerReach", "declineInvite", "inviteStatus", "noteDelivery", "noteOpened", "noteProviderDelivery"],
    ...["pairByQr", "publicKeys", "readClaim", "ready", "redeemHandoff"],
  ],
  // Reads, or takes a right away.
  "local, local, gated": [
    ...["adminToken", "cancelSession", "changeDevice", "checkReach", "findDevices", "findInvites", "hostSettings", "listApprovals"],
    ...["listAudit", "listDevices", "listNotifications", "listSessions", "overview", "reachability", "revokeAllDevices", "revokeDevice"],
    ...["rotateKey", "smsSettings", "suspendDevice"],
  ],
  // Asks phones, and answers them.
  "local, local": [
    ...["approvalStatus", "cancelApproval", "nextVoiceCommands", "notificationStatus", "offerVoiceCommands", "readPhoneNumber"],
    ...["requestApproval", "sendNotification", "testDevice", "voiceResult", "withdrawVoiceCommands"],
  ],
  // Gives a right, answers in a person's name, or changes what protects the others.
  "local, window": [
    ...["checkSecrets", "confirmClaim", "confirmDevice", "decideAtComputer", "endWindow", "forgetUser", "listClaims", "listWindows"],
    ...["moveSecrets", "reactivateDevice", "removeAdminToken", "rotateLocalKey", "saveAdminToken", "saveHostSettings"],
    ...["saveReachability", "saveSmsSettings", "saveWelcome", "sendTestSms", "startTunnel", "stopTunnel", "testSmsConnection"],
  ],
  "phone, phone, view, unconfirmed": ["ownDevice", "unpairOwnDevice"],
  "phone, phone, view": [
    ...["acknowledgeMessages", "openHandoff", "pushStatus", "readInbox", "renameOwnDevice", "subscribeToPush", "testOwnNotification"],
    "unsubscribeFromPush",
  ],
  "phone, phone, answer": ["decideApproval"],
  "phone, phone, command": ["voiceCommand"],
};

it("each operation asks for just the rights that were decided for it", () => {
  const found = new Map<string, string[]>();
  for (const [name, { door, caller, gated, level, unconfirmed }] of Object.entries(OPERATIONS) as [string, Operation][]) {
    const rights = [door, caller, ...(gated ? ["gated"] : []), ...(level ? [level] : []), ...(unconfirmed ? ["unconfirmed"] : [])].join(
      ", ",
    );
    found.set(rights, [...(found.get(rights) ?? []), name].sort());
  }
  expect(Object.fromEntries(found)).toEqual(RIGHTS);
});
