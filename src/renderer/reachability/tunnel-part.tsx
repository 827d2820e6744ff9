import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Reachability, usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { RadioChoices } from "../parts/radio-choices.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { Locked } from "../parts/setting-field.tsx";
import { dayAndTime, timeWithSeconds } from "../parts/times.ts";
import { Toggle } from "../parts/toggle.tsx";
import { AuthtokenField } from "./authtoken-field.tsx";
import { useSaveReachability, useTunnelSwitch } from "./save-reachability.ts";
import { SavedText } from "./saved-text.tsx";

const RUNNERS = ["cloudflared", "ngrok"] as const;

/** Saved with the click. While the tunnel runs the choice waits: phones may be using its address. */
function RunnerChoice({ reachability }: { readonly reachability: Reachability }): ReactNode {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const { runner, tunnel } = reachability;
  const choosing = useSaveReachability(() => notices.say("unseen", t("reachability.saved.runner")));
  const runs = tunnel.state === "starting" || tunnel.state === "online";
  const chosen = (choosing.isPending ? choosing.variables.runner : undefined) ?? runner;
  return (
    <>
      <RadioChoices
        name="tunnel-runner"
        legend={t("reachability.who")}
        choices={RUNNERS}
        chosen={chosen}
        labelOf={(one) => t(`reachability.runners.${one}`)}
        hintOf={(one) => t(`reachability.runnerHints.${one}`)}
        onChoose={(one) => choosing.mutate({ runner: one })}
        locked={runs ? t("reachability.runnerWaits") : undefined}
      />
      {choosing.error ? <ProblemLine thrown={choosing.error} title={t("form.notSaved")} /> : null}
    </>
  );
}

type Tunnel = Reachability["tunnel"];

const INSTALL = [
  ["macOS", "brew install cloudflared"],
  ["Windows", "winget install Cloudflare.cloudflared"],
  ["Linux", "https://pkg.cloudflare.com"],
] as const;

interface TunnelProps {
  readonly reachability: Reachability;
  readonly clockOffset: number;
}

/** The tunnel that Top Dog runs itself. */
export function TunnelPart({ reachability, clockOffset }: TunnelProps): ReactNode {
  const { t } = useTranslation();
  return (
    <section className="reach-part" aria-labelledby="tunnel-heading">
      <h3 id="tunnel-heading">{t("reachability.tunnel")}</h3>
      <p className="quiet-text">{t("reachability.tunnelHint")}</p>
      {reachability.base_url.locked ? (
        <p className="quiet-text">
          <Locked variable="PAIRING_BASE_URL" />
        </p>
      ) : (
        <TunnelControls reachability={reachability} clockOffset={clockOffset} />
      )}
    </section>
  );
}

function TunnelControls({ reachability, clockOffset }: TunnelProps): ReactNode {
  const { t } = useTranslation();
  const { tunnel, runner, cloudflared, ngrok, tunnel_at_start } = reachability;
  const choosing = useSaveReachability();
  const { problem } = runner === "ngrok" ? ngrok : cloudflared;
  const missing = runner === "cloudflared" && cloudflared.found === undefined && !cloudflared.path.locked && cloudflared.path.value === "";
  return (
    <>
      <RunnerChoice reachability={reachability} />
      {runner === "ngrok" ? <AuthtokenField authtoken={ngrok.authtoken} /> : null}
      <TunnelStateLine tunnel={tunnel} clockOffset={clockOffset} />
      {tunnel.state === "off" && problem !== undefined ? (
        <IconText icon="warning" className="check with-icon">
          {problem}
        </IconText>
      ) : null}
      {missing ? (
        <ul className="commands">
          {INSTALL.map(([system, command]) => (
            <li key={system}>
              {system}: <code dir="ltr">{command}</code>
            </li>
          ))}
        </ul>
      ) : null}
      <TunnelActions tunnel={tunnel} />
      <Toggle
        label={t("reachability.atStart")}
        checked={tunnel_at_start}
        onChoose={async (on) => choosing.mutateAsync({ tunnel_at_start: on })}
      />
      {choosing.error ? <ProblemLine thrown={choosing.error} title={t("form.notSaved")} /> : null}
      {runner === "cloudflared" ? (
        <details className="folded more">
          <summary>{t("reachability.where")}</summary>
          <SavedText
            field="cloudflared_path"
            setting={cloudflared.path}
            lockedBy="PAIRING_CLOUDFLARED"
            hint={
              cloudflared.found === undefined
                ? t("reachability.pathHint")
                : fill("reachability.foundAt", { file: <Ltr>{cloudflared.found}</Ltr> })
            }
          />
        </details>
      ) : null}
    </>
  );
}

function TunnelActions({ tunnel }: { readonly tunnel: Tunnel }): ReactNode {
  const { t } = useTranslation();
  const switching = useTunnelSwitch();
  const waits = tunnel.state === "failed" && tunnel.again_at !== undefined;
  const runs = tunnel.state === "starting" || tunnel.state === "online";
  return (
    <>
      <div className="actions">
        <Action
          variant={runs ? "plain" : "primary"}
          busy={switching.isPending}
          onClick={() => switching.mutate(runs ? "stopTunnel" : "startTunnel")}
        >
          {t(runs ? "reachability.stop" : waits ? "reachability.tryNow" : "reachability.start")}
        </Action>
        {waits ? (
          <Action busy={switching.isPending} onClick={() => switching.mutate("stopTunnel")}>
            {t("reachability.giveUp")}
          </Action>
        ) : null}
      </div>
      {switching.error ? <ProblemLine thrown={switching.error} /> : null}
    </>
  );
}

const ICON: Readonly<Record<Tunnel["state"], IconName>> = { off: "circle", starting: "waiting", online: "pass", failed: "error" };
const CLASS: Readonly<Record<Tunnel["state"], string>> = { off: "quiet-text", starting: "", online: "good", failed: "wrong" };

/** Not a live region: the card announces each change. */
function TunnelStateLine({ tunnel, clockOffset }: { readonly tunnel: Tunnel; readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const shown = (time: string): number => Date.parse(time) - clockOffset;
  return (
    <div data-state={tunnel.state} className={`tunnel-state with-icon ${CLASS[tunnel.state]}`} aria-busy={tunnel.state === "starting"}>
      <Icon name={ICON[tunnel.state]} />
      <div className="tunnel-words">
        {tunnel.state === "off" ? <p>{t("reachability.off")}</p> : null}
        {tunnel.state === "starting" ? <p>{t("reachability.starting")}</p> : null}
        {tunnel.state === "online" ? (
          <p>
            {fill("reachability.online", {
              address: <Ltr>{tunnel.address}</Ltr>,
              time: <time dateTime={tunnel.since}>{dayAndTime(shown(tunnel.since))}</time>,
            })}
          </p>
        ) : null}
        {tunnel.state === "failed" ? (
          <>
            <p>
              {tunnel.sentence}{" "}
              {tunnel.again_at === undefined ? null : t("reachability.again", { time: timeWithSeconds(shown(tunnel.again_at)) })}
            </p>
            {tunnel.said === undefined ? null : (
              <details className="provider-details">
                <summary>{t("delivery.details")}</summary>
                <p dir="ltr">{tunnel.said}</p>
              </details>
            )}
          </>
        ) : null}
      </div>
    </div>
  );
}
