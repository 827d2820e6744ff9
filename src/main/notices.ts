import type { Alert, Approval, Device } from "../core/index.ts";
import { say } from "../words/say.ts";
import type { Notice } from "./notify.ts";

type Text = Pick<Notice, "title" | "body">;

/** The texts of the system's notifications. None of them has a phone number or a code: a locked screen shows them. */
export const notices = {
  updateReady: (version: string): Text => ({ title: say("desktop.updateTitle", { version }), body: say("desktop.updateBody") }),
  waits: ({ deviceName }: Pick<Device, "deviceName">): Text => ({
    title: say("desktop.waitsTitle", { phone: nameOf(deviceName) }),
    body: say("desktop.waitsBody"),
  }),
  paired: ({ deviceName }: Pick<Device, "deviceName">): Text => ({
    title: say("desktop.pairedTitle", { phone: nameOf(deviceName) }),
    body: say("desktop.pairedBody"),
  }),
  answered: ({ projectName, status }: Pick<Approval, "projectName" | "status">, phone: string): Text => ({
    title: projectName,
    body: answerInWords(status === "approved", phone),
  }),
  alerted: ({ kind, sentence }: Pick<Alert, "kind" | "sentence">): Text => ({
    title: say(kind === "wrong_admin_tokens" ? "desktop.wrongAdminTokensTitle" : "desktop.linkUsedAgainTitle"),
    body: sentence,
  }),
  linkLost: (problem: string | undefined): Text => ({
    title: say("desktop.linkLostTitle"),
    body: problem ?? say("desktop.linkLostBody"),
  }),
  keepsRunning: (): Text => ({
    title: say("desktop.keepsRunningTitle", { title: say("desktop.title") }),
    body: say("desktop.keepsRunningBody"),
  }),
};

function nameOf(deviceName: string): string {
  return deviceName === "" ? say("desktop.aPhone") : deviceName;
}

function answerInWords(approved: boolean, phone: string): string {
  if (phone === "") return say(approved ? "desktop.approvedOnAPhone" : "desktop.rejectedOnAPhone");
  return approved ? say("desktop.approvedOn", { phone }) : say("desktop.rejectedOn", { phone });
}
