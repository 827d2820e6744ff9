import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { present } from "../../base/present.ts";
import type { AnswerOf } from "../../contract/operations.ts";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { dollars } from "../parts/money.ts";

type Message = NonNullable<AnswerOf<"readPhoneNumber">["message"]>;

/** The text of the message to this number, and its price where that is known. */
export function MessageCost({ e164, overview }: { readonly e164: string; readonly overview: Overview }): ReactNode {
  const { t } = useTranslation();
  const { connection } = usePageState();
  const { sms_provider, base_url, user } = overview;
  const user_name = user.user_name || undefined;
  const { data: reading } = useQuery({
    queryKey: ["cost", e164, sms_provider, base_url, user_name],
    queryFn: async () => answerTo(connection.api.readPhoneNumber({ typed: e164, ...present({ user_name }) })),
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
