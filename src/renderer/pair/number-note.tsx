import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { formatPhoneNumberIntl } from "react-phone-number-input/min";
import { present } from "../../base/present.ts";
import type { AnswerOf } from "../../contract/operations.ts";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Icon } from "../parts/icon.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { ProviderDetails } from "../parts/provider-details.tsx";
import { numberIn } from "../parts/sentence.tsx";
import { locale, pageLanguage } from "../words/words.ts";
import type { NumberState } from "./use-number.ts";

interface NumberNoteProps {
  readonly number: NumberState;
  readonly overview: Overview;
}

/** Below the field: how the number is read, what the message costs, and what is wrong. */
export function NumberNote({ number: { verdict, preview }, overview }: NumberNoteProps): ReactNode {
  const charged = overview.sms_provider !== "mock";
  return (
    <div id="number-note" className="note">
      {verdict.kind === "wrong" ? (
        <div className="wrong with-icon">
          <Icon name="error" />
          <div>
            {verdict.sentence}
            <ProviderDetails details={verdict.details} />
          </div>
        </div>
      ) : preview === undefined ? null : (
        <>
          <IconText icon="comment" className="preview">
            {numberIn(charged ? "pair.preview" : "pair.previewMock", formatPhoneNumberIntl(preview))}
          </IconText>
          <MessageCost e164={preview} overview={overview} />
        </>
      )}
      {verdict.kind === "check" ? (
        <IconText icon="warning" className="check" role="alert">
          {verdict.sentence}
        </IconText>
      ) : null}
    </div>
  );
}

type Message = NonNullable<AnswerOf<"readPhoneNumber">["message"]>;

/** The text of the message to this number, and its price where that is known. */
function MessageCost({ e164, overview }: { readonly e164: string; readonly overview: Overview }): ReactNode {
  const { t } = useTranslation();
  const { connection } = usePageState();
  const { sms_provider, base_url, user } = overview;
  const user_name = user.user_name || undefined;
  const language = pageLanguage();
  const { data: reading } = useQuery({
    queryKey: ["cost", e164, sms_provider, base_url, user_name, language],
    queryFn: async () => answerTo(connection.api.readPhoneNumber({ typed: e164, language, ...present({ user_name }) })),
    // The consent text says that nothing is charged.
    enabled: sms_provider !== "mock",
    gcTime: 0,
  });
  const message = reading?.e164 === e164 ? reading.message : undefined;
  if (!message) return null;
  return (
    <div className="cost">
      <p>
        {[t("pair.cost", { count: message.segments }), message.character_set, costOf(message, t)].join(" · ")}
        {message.character_set === "UCS-2" ? <span className="quiet-text"> {t("pair.shorter")}</span> : null}
      </p>
      <details>
        <summary>{t("pair.text")}</summary>
        <p className="message-text" dir="auto">
          {message.text}
        </p>
      </details>
    </div>
  );
}

function costOf({ cost }: Message, t: TFunction): string {
  if (!cost) return t("pair.noPrice");
  return cost.least === cost.most
    ? t("pair.about", { amount: dollars(cost.least) })
    : t("pair.aboutBetween", { least: dollars(cost.least), most: dollars(cost.most) });
}

/** `$0.0079`: prices of text messages are parts of a cent. */
function dollars(amount: number): string {
  return new Intl.NumberFormat(locale(), {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: 2,
    maximumFractionDigits: 5,
  }).format(amount);
}
