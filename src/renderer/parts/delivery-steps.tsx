import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Invite } from "../data/follow-invites.ts";
import { providerName } from "../words/words.ts";
import { Icon, type IconName } from "./icon.tsx";
import { fill, Ltr } from "./sentence.tsx";
import { timeOfDay } from "./times.ts";

export type Delivery = NonNullable<Invite["delivery"]>;

interface DeliveryStepsProps {
  readonly delivery: Delivery;
  readonly provider: string;
  readonly number: string;
  readonly clockOffset: number;
  /** What became of the link; a test message has none, and ends with its delivery. */
  readonly link?: { readonly openedAt: string | undefined; readonly acceptedAt: string | undefined };
}

/** `unreported`: passed without a report. `doubt`: unknown. */
type Status = "done" | "now" | "next" | "unreported" | "bad" | "doubt";

interface Step {
  readonly key: "sent" | "handedOver" | "delivered" | "opened" | "paired" | "undelivered" | "failed" | "unknown";
  readonly status: Status;
  readonly at?: string | undefined;
}

const STATUS_ICON: Readonly<Record<Status, IconName>> = {
  done: "check",
  now: "pass",
  next: "circle",
  unreported: "dash",
  bad: "error",
  doubt: "question",
};

/** How far a message has come, as far as anybody says. */
export function DeliverySteps({ delivery, provider, number, clockOffset, link }: DeliveryStepsProps): ReactNode {
  const { t } = useTranslation();
  const steps = stepsOf(delivery, link);
  // Where it stands: the last step that something is known of.
  const here = steps.findLastIndex(isKnown);
  return (
    <div className="steps">
      <ol aria-label={t("delivery.label", { number })}>
        {steps.map(({ key, status, at }, index) => (
          <li key={key} className={status} aria-current={index === here ? "step" : undefined}>
            <Icon name={STATUS_ICON[status]} />
            <span>
              {fill(`delivery.${key}`, { provider: <bdi>{providerName(provider, t)}</bdi> })}
              <span className="unseen"> ({t(`delivery.status.${status}`)})</span>
              {at === undefined ? null : (
                <Ltr>
                  <time dateTime={at}>{timeOfDay(Date.parse(at) - clockOffset)}</time>
                </Ltr>
              )}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function stepsOf(delivery: Delivery, link: DeliveryStepsProps["link"]): readonly Step[] {
  const later: Step[] = link
    ? [
        { key: "opened", status: link.openedAt === undefined ? "next" : "done", at: link.openedAt },
        { key: "paired", status: link.acceptedAt === undefined ? "next" : "done", at: link.acceptedAt },
      ]
    : [];
  const steps = [...stepsOfMessage(delivery), ...later];
  const last = steps.findLastIndex(isKnown);
  return steps.map((step, index) => {
    if (step.status === "next" && index < last) return { ...step, status: "unreported" };
    return step.status === "done" && index === last ? { ...step, status: "now" } : step;
  });
}

function isKnown({ status }: Step): boolean {
  return status !== "next" && status !== "unreported";
}

function stepsOfMessage({ state, more, at }: Delivery): readonly Step[] {
  const sent: Step = { key: "sent", status: "done" };
  const delivered: Step = { key: "delivered", status: more ? "next" : "unreported" };
  switch (state) {
    case "handed_over":
      return more ? [{ ...sent, at }, delivered] : [{ key: "handedOver", status: "done", at }, delivered];
    case "sent":
      return [{ ...sent, at }, delivered];
    case "delivered":
      return [sent, { ...delivered, status: "done", at }];
    case "undelivered":
      return [sent, { key: "undelivered", status: "bad", at }];
    case "failed":
      return [{ key: "failed", status: "bad", at }];
    case "unknown":
      return [{ key: "unknown", status: "doubt", at }, delivered];
    default:
      return state satisfies never;
  }
}
