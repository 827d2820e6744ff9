import { type ReactNode, useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { Level } from "../../contract/levels.ts";
import type { InvitesView } from "../data/follow-invites.ts";
import { useOpenedPlaces } from "../data/page-state.ts";
import { LevelChoice } from "../parts/level-choice.tsx";
import { isOnlyHere, OnlyHere } from "./only-here.tsx";
import { QrPanel } from "./qr-panel.tsx";
import { SmsPanel } from "./sms-panel.tsx";

/** The two ways to a phone: a text message, which works anywhere, and a QR code for one in the same room. */
export function PairCard({ view }: { readonly view: InvitesView }): ReactNode {
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
    <section className="card" aria-labelledby="pair-heading">
      <h2 id="pair-heading">{t("pair.heading")}</h2>
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
    </section>
  );
}
