import { type ReactNode, type RefObject, type SubmitEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Level } from "../../contract/levels.ts";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState, useReach } from "../data/page-state.ts";
import { isAboutTheNumber, rejectionOf } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { CopyText } from "../parts/copy-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ReachWarning } from "../parts/reach-warning.tsx";
import { Ltr } from "../parts/sentence.tsx";
import { NumberField } from "./number-field.tsx";
import { NumberNote } from "./number-note.tsx";
import { PairingBlocked } from "./pairing-blocked.tsx";
import { type NumberState, useNumber } from "./use-number.ts";
import { useSendInvite } from "./use-send-invite.ts";
import { isForSettings, nextStep } from "./verdict.ts";

interface SmsPanelProps {
  readonly overview: Overview;
  /** What the phone will be allowed to do. */
  readonly level: Level;
  readonly levelChoice: ReactNode;
}

/** Asks for a number and sends the link. The server reads the number: before sending, its reading is the one on the screen. */
export function SmsPanel({ overview, level, levelChoice }: SmsPanelProps): ReactNode {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const anyway = useRef<HTMLButtonElement>(null);
  const checkAgain = useRef<HTMLButtonElement>(null);
  const submit = useRef<HTMLButtonElement>(null);
  const number = useNumber(overview, field);
  const invite = useSendInvite({ overview, level }, number, { field, anyway, checkAgain, submit });
  const { verdict } = number;
  const asks = verdict.kind === "check" || invite.unreachable !== undefined;

  return (
    <>
      {overview.sms_provider === "mock" ? <MockMode /> : null}
      <form
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          if (!asks) invite.send();
        }}
      >
        <NumberEntry number={number} invite={invite} field={field} submit={submit} />
        <NumberNote number={number} overview={overview} />
        {levelChoice}
        {invite.unreachable ? (
          <ReachWarning
            overview={overview}
            firstRef={checkAgain}
            onAnyway={() => invite.sendAnyway({ reach: true })}
            onFine={invite.nowReachable}
          />
        ) : verdict.kind === "check" ? (
          <Action ref={anyway} onClick={() => invite.sendAnyway({ number: verdict.e164 })}>
            {t("pair.sendAnyway")}
          </Action>
        ) : null}
        <p className="quiet-text consent">
          {t(overview.sms_provider === "mock" ? "pair.consentMock" : "pair.consent", { count: overview.invite_minutes })}
        </p>
        <PairingBlocked id="sms-blocked" secrets={overview.secrets} />
        <SendRow overview={overview} submit={submit} asks={asks} isSending={invite.isSending} limited={invite.limited} />
      </form>
      <SendFailure error={invite.error} />
      <NoticeLine place="pair">
        <PrintedLink code={invite.printed} overview={overview} />
      </NoticeLine>
    </>
  );
}

function MockMode(): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  return (
    <div className="mock">
      <Icon name="beaker" />
      <p>
        <strong>{t("connectivity.mockBadge")}</strong>
        <span>{t("connectivity.mockHint")}</span>
      </p>
      <Action onClick={() => places.open("sms")}>{t("connectivity.setUp")}</Action>
    </div>
  );
}

interface NumberEntryProps {
  readonly number: NumberState;
  readonly invite: Pick<ReturnType<typeof useSendInvite>, "isIdle" | "forgetAnswers">;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly submit: RefObject<HTMLButtonElement | null>;
}

/** The field. The server checks the number when it is pasted, and when the field is left. */
function NumberEntry({ number, invite, field, submit }: NumberEntryProps): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { verdict } = number;
  return (
    <>
      <NumberField
        fieldRef={field}
        mark={places.mark("pair")}
        typed={number.typed}
        onTyped={(next) => {
          number.type(next);
          invite.forgetAnswers();
        }}
        home={number.home}
        onCountry={number.chooseCountry}
        onPasted={(text) => number.check(text, invite.isIdle)}
        onLeave={(event) => {
          // A verdict stays: the server's reading does not know what the provider answered.
          if (event.target !== field.current || event.relatedTarget === submit.current || verdict.kind !== "none") return;
          number.check(field.current?.value.trim() ?? "", invite.isIdle);
        }}
        describedBy="number-hint number-note"
        invalid={verdict.kind === "wrong"}
      />
      <p id="number-hint" className="quiet-text">
        {t("pair.hint")}
      </p>
    </>
  );
}

interface SendRowProps {
  readonly overview: Overview;
  readonly submit: RefObject<HTMLButtonElement | null>;
  /** A warning has to be answered first, with buttons of its own. */
  readonly asks: boolean;
  readonly isSending: boolean;
  readonly limited: boolean;
}

function SendRow({ overview, submit, asks, isSending, limited }: SendRowProps): ReactNode {
  const { t } = useTranslation();
  const reach = useReach(overview);
  const blocked = !overview.secrets.can_pair;
  const checking = isSending && overview.sms_provider !== "mock" && reach.isFetching;
  return (
    <>
      {asks ? null : (
        <Action
          ref={submit}
          type="submit"
          variant="primary"
          busy={isSending || blocked || limited}
          aria-describedby={blocked ? "sms-blocked" : limited ? "sms-limit" : undefined}
        >
          {t(checking ? "reach.checking" : isSending ? "pair.sending" : "pair.send")}
        </Action>
      )}
      <p role="status" className="quiet-text asking">
        {checking ? t("reach.asking") : ""}
      </p>
    </>
  );
}

/** A failure that is not about the number, which has its sentence beside the field. */
function SendFailure({ error }: { readonly error: unknown }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  return (
    <div id="sms-limit">
      {error === null || isAboutTheNumber(error) ? null : (
        <ProblemLine
          thrown={error}
          title={t(rejectionOf(error).problem.code === "sms_outcome_unknown" ? "pair.unknown" : "pair.failed")}
          next={nextStep(error, t)}
          onSettings={isForSettings(error) ? () => places.open("sms") : undefined}
        />
      )}
    </div>
  );
}

/** In mock mode: the link that was just made, while it is valid. */
function PrintedLink({ code, overview }: { readonly code: string | undefined; readonly overview: Overview }): ReactNode {
  const { t } = useTranslation();
  const link = code === undefined ? undefined : overview.invites.find(({ invite_code }) => invite_code === code)?.link;
  if (link === undefined) return null;
  return (
    <div className="printed-link">
      <Ltr>{link}</Ltr>
      <div className="actions">
        <a className="button plain" href={link} target="_blank" rel="noreferrer">
          <Icon name="link-external" />
          {t("pair.openPrinted")}
        </a>
        <CopyText text={link} label={t("pair.copyPrinted")} name={(label) => label} refusedLabel={t("invites.copyFailed")} />
      </div>
    </div>
  );
}
