import { type ReactNode, useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { Level } from "../../contract/levels.ts";
import type { InvitesView } from "../data/follow-invites.ts";
import { useOpenedPlaces } from "../data/page-state.ts";
import { Dismiss } from "../parts/dismiss.tsx";
import { LevelChoice } from "../parts/level-choice.tsx";
import { isOnlyHere, OnlyHere } from "./only-here.tsx";
import { QrPanel } from "./qr-panel.tsx";
import { SendingPaused } from "./sending-paused.tsx";
import { SmsPanel } from "./sms-panel.tsx";
import type { Pairing } from "./use-pairing.ts";

interface PairCardProps {
  readonly view: InvitesView;
  readonly pairing: Pairing;
}

/** The two ways to a phone: a text message, which works anywhere, and a QR code for one in the same room. */
export function PairCard({ view, pairing }: PairCardProps): ReactNode {
  const { t } = useTranslation();
  const { base_url } = view.overview;
  const [way, setWay] = useState<"sms" | "qr">("sms");
  const [level, setLevel] = useState<Level>("command");
  const levelChoice = <LevelChoice id="pair-level" level={level} onChoose={setLevel} />;
  useOpenedPlaces((place) => {
    if (place === "pair") setWay("sms");
    if (place === "qr") setWay("qr");
  });

  return (
    // What is typed stays when the card is closed. One that is used stays open when the first phone is paired.
    <section className="card pair" aria-labelledby="pair-heading" hidden={!pairing.isOpen} onFocus={pairing.open}>
      <h2 id="pair-heading">{t("pair.heading")}</h2>
      <SendingPaused view={view} />
      <Tabs selectedKey={way} onSelectionChange={(key) => setWay(key === "qr" ? "qr" : "sms")} keyboardActivation="manual">
        <TabList aria-label={t("pair.ways")} className="tabs">
          <Tab id="sms">{t("pair.bySms")}</Tab>
          <Tab id="qr">{t("pair.byQr")}</Tab>
        </TabList>
        <TabPanel id="sms" className="panel">
          <SmsPanel overview={view.overview} level={level} levelChoice={levelChoice} />
        </TabPanel>
        <TabPanel id="qr" className="panel">
          <QrPanel view={view} level={level} levelChoice={levelChoice} />
        </TabPanel>
      </Tabs>
      {isOnlyHere(base_url) ? <OnlyHere address={base_url} /> : null}
      {pairing.canClose ? (
        <Dismiss
          className="corner"
          name={t("views.closePairing")}
          onDismiss={() => {
            pairing.close();
            document.getElementById("view-heading")?.focus();
          }}
        />
      ) : null}
    </section>
  );
}
