import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Reachability, usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { Locked } from "../parts/setting-field.tsx";
import { dayAndTime, timeWithSeconds } from "../parts/times.ts";
import { Toggle } from "../parts/toggle.tsx";
import { AuthtokenField } from "./authtoken-field.tsx";
import { RunnerChoice } from "./runner-choice.tsx";
import { useSaveReachability } from "./save-reachability.ts";
import { SavedText } from "./saved-text.tsx";

type Tunnel = Reachability["tunnel"];

const INSTALL = [
  ["macOS", "brew install cloudflared"],
  ["Windows", "winget install Cloudflare.cloudflared"],
  ["Linux", "https://pkg.cloudflare.com"],
] as const;

/** The tunnel that Top Dog runs itself: how it stands, and the one button that changes that. */
export function TunnelPart({
  reachability,
  clockOffset,
}: {
  readonly reachability: Reachability;
  readonly clockOffset: number;
}): ReactNode {
  const { t } = useTranslation();
  const { client, connection, refresh } = usePageState();
  const { tunnel, runner, cloudflared, ngrok, tunnel_at_start, base_url } = reachability;
  const switching = useMutation({
    mutationFn: async (to: "startTunnel" | "stopTunnel") => answerTo(connection.api[to]({})),
    onSuccess(now) {
      client.setQueryData(["reachability"], now);
      void refresh("invites");
    },
  });
  const choosing = useSaveReachability(() => undefined);
  const waits = tunnel.state === "failed" && tunnel.again_at !== undefined;
  const runs = tunnel.state === "starting" || tunnel.state === "online";
  const { problem } = runner === "ngrok" ? ngrok : cloudflared;
  const missing = runner === "cloudflared" && cloudflared.found === undefined && !cloudflared.path.locked && cloudflared.path.value === "";

  return (
    <section className="reach-part" aria-labelledby="tunnel-heading">
      <h3 id="tunnel-heading">{t("reachability.tunnel")}</h3>
      <p className="quiet-text">{t("reachability.tunnelHint")}</p>
      {base_url.locked ? (
        <p className="quiet-text">
          <Locked variable="PAIRING_BASE_URL" />
        </p>
      ) : (
        <>
          <RunnerChoice reachability={reachability} />
          {runner === "ngrok" ? <AuthtokenField authtoken={ngrok.authtoken} /> : null}
          <TunnelStateLine tunnel={tunnel} clockOffset={clockOffset} />
          {tunnel.state === "off" && problem !== undefined ? (
            <p className="check with-icon">
              <Icon name="warning" />
              <span>{problem}</span>
            </p>
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
      )}
    </section>
  );
}

const ICON: Readonly<Record<Tunnel["state"], IconName>> = { off: "circle", starting: "waiting", online: "pass", failed: "error" };
const LOOK: Readonly<Record<Tunnel["state"], string>> = { off: "quiet-text", starting: "", online: "good", failed: "wrong" };

/** The card says each change aloud; here it is read. */
function TunnelStateLine({ tunnel, clockOffset }: { readonly tunnel: Tunnel; readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const shown = (time: string): number => Date.parse(time) - clockOffset;
  return (
    <div data-state={tunnel.state} className={`tunnel-state with-icon ${LOOK[tunnel.state]}`} aria-busy={tunnel.state === "starting"}>
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
