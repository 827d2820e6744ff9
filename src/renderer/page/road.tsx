import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Overview } from "../data/follow-invites.ts";
import { Icon } from "../parts/icon.tsx";
import { Ltr } from "../parts/sentence.tsx";

/** Before a number is asked for: how a link will travel, and where it will point to. */
export function Road({ overview }: { readonly overview: Overview }): ReactNode {
  const { t } = useTranslation();
  const mock = overview.sms_provider === "mock";
  return (
    <section className="road" aria-label={t("road.label")}>
      <dl>
        <div>
          <dt>
            <Icon name="comment" />
            {t("road.sms")}
          </dt>
          <dd>{t(`road.${overview.sms_provider}`)}</dd>
        </div>
        <div>
          <dt>
            <Icon name="globe" />
            {t("road.address")}
          </dt>
          <dd>{overview.base_url === "" ? t("road.noAddress") : <Ltr>{overview.base_url}</Ltr>}</dd>
        </div>
      </dl>
      {mock ? (
        <div className="mock">
          <Icon name="beaker" />
          <p>
            <strong>{t("road.mockBadge")}</strong>
            <span>{t("road.mockHint")}</span>
          </p>
        </div>
      ) : null}
    </section>
  );
}
