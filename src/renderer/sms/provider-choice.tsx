import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import { Locked } from "../parts/setting-field.tsx";
import { ofProvider, providerName } from "../words/words.ts";
import type { SmsFormPart } from "./form-part.ts";
import { providerOf } from "./sms-draft.ts";

export function ProviderChoice({ form }: { readonly form: SmsFormPart }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { settings, draft, edit } = form;
  const { locked } = settings.provider;
  const chosen = providerOf(settings, draft);
  const names = settings.providers.map(({ id }) => providerName(id, t)).join(", ");
  return (
    <fieldset className="radios" aria-describedby={locked ? "sms-provider-locked" : undefined}>
      <legend>{t("sms.who")}</legend>
      {["auto", ...settings.providers.map(({ id }) => id), "mock"].map((choice) => (
        <div key={choice}>
          <label>
            <input
              ref={choice === chosen ? places.mark("sms") : undefined}
              type="radio"
              name="sms-provider"
              checked={choice === chosen}
              aria-disabled={locked || undefined}
              aria-describedby={`sms-choice-${choice}`}
              onChange={() => {
                if (!locked) edit({ provider: choice });
              }}
            />
            {ofProvider("sms.choices", choice, t) ?? providerName(choice, t)}
          </label>
          <p id={`sms-choice-${choice}`} className="quiet-text choice-hint">
            {choice === "auto" ? t("sms.autoHint", { list: names }) : ofProvider("sms.choiceHints", choice, t)}
          </p>
        </div>
      ))}
      {locked ? (
        <p id="sms-provider-locked" className="quiet-text">
          <Locked variable="SMS_PROVIDER" />
        </p>
      ) : null}
    </fieldset>
  );
}
