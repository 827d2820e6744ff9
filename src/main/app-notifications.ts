import type { Approval, Device, PairingSession } from "../core/index.ts";
import type { MainWindow } from "./main-window.ts";
import { notify } from "./notify.ts";

export interface AppNotifications {
  readonly paired: (device: Device) => void;
  readonly answered: (approval: Approval) => void;
  readonly notDelivered: (session: PairingSession, problem: string | undefined) => void;
}

/** Notifications of the system about what happens to phones, while the window is not in front. */
export function appNotifications({ page, navigate }: MainWindow): AppNotifications {
  const notifyUnlessFocused: typeof notify = (notice) => {
    if (!page.isFocused()) notify(notice);
  };
  return {
    paired({ deviceId, deviceName }) {
      notifyUnlessFocused({
        title: `${deviceName === "" ? "A phone" : deviceName} is paired`,
        body: "Click to see it, or to revoke it if it is not yours.",
        onClick: () => navigate(`device:${deviceId}`),
      });
    },
    answered({ projectName, status, decidedBy }) {
      if (decidedBy?.kind !== "phone") return;
      notifyUnlessFocused({
        title: projectName,
        body: `${status === "approved" ? "Approved" : "Rejected"} on ${decidedBy.deviceName || "a phone"}.`,
        onClick: () => navigate("approvals"),
      });
    },
    notDelivered(_session, problem) {
      notifyUnlessFocused({
        title: "A pairing link did not arrive",
        body: problem ?? "Send it again, or show a QR code.",
        onClick: () => navigate("pair"),
      });
    },
  };
}
