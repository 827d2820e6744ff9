import type { Alert, Approval, Device, PairingSession, WaitingPhone } from "../core/index.ts";
import type { MainWindow } from "./main-window.ts";
import { notices } from "./notices.ts";
import { notify } from "./notify.ts";

export interface AppNotifications {
  readonly waits: (phone: WaitingPhone) => void;
  readonly paired: (device: Device) => void;
  readonly answered: (approval: Approval) => void;
  readonly alerted: (alert: Alert) => void;
  readonly notDelivered: (session: PairingSession, problem: string | undefined) => void;
}

/** Notifications of the system about what happens to phones, while the window is not in front. */
export function appNotifications({ page, navigate }: MainWindow): AppNotifications {
  const notifyUnlessFocused: typeof notify = (notice) => {
    if (!page.isFocused()) notify(notice);
  };
  return {
    waits({ claim: { phone } }) {
      notifyUnlessFocused({
        ...notices.waits(phone),
        onClick: () => navigate("claims"),
      });
    },
    paired({ deviceId, deviceName }) {
      notifyUnlessFocused({
        ...notices.paired({ deviceName }),
        onClick: () => navigate(`device:${deviceId}`),
      });
    },
    answered({ projectName, status, decidedBy }) {
      if (decidedBy?.kind !== "phone") return;
      notifyUnlessFocused({
        ...notices.answered({ projectName, status }, decidedBy.deviceName),
        onClick: () => navigate("approvals"),
      });
    },
    alerted({ kind, sentence, deviceId }) {
      notifyUnlessFocused({
        ...notices.alerted({ kind, sentence }),
        onClick: () => navigate(deviceId === undefined ? "devices" : `device:${deviceId}`),
      });
    },
    notDelivered(_session, problem) {
      notifyUnlessFocused({
        ...notices.linkLost(problem),
        onClick: () => navigate("pair"),
      });
    },
  };
}
