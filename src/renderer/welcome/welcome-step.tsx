import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import type { PagePlace } from "../data/places.ts";
import { Action } from "../parts/button.tsx";
import { createStepForms, StepFormsProvider } from "../parts/step-forms.ts";

interface WelcomeStepProps {
  readonly name: string;
  readonly step: number;
  readonly steps: number;
  readonly current: boolean;
  /** Another place that this step is. */
  readonly isPlace?: PagePlace;
  readonly busy: boolean;
  readonly onNext: () => void;
  readonly onBack: (() => void) | undefined;
  readonly onSkip: () => void;
  /** `heading` is the id of the step's heading. */
  readonly children: (heading: string) => ReactNode;
}

/** One step. "Next" saves the forms; while another step is shown, typed text stays here. */
export function WelcomeStep({ name, step, steps, current, isPlace, busy, onNext, onBack, onSkip, children }: WelcomeStepProps): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const [forms] = useState(createStepForms);
  const [saving, setSaving] = useState(false);
  const heading = `welcome-step-${step}`;
  const mark = useCallback(
    (element: HTMLElement | null) => {
      places.mark("welcome")(element);
      if (isPlace !== undefined) places.mark(isPlace)(element);
    },
    [places, isPlace],
  );

  const goOn = async (): Promise<void> => {
    setSaving(true);
    const saved = await forms.saveAll();
    setSaving(false);
    if (saved) onNext();
  };

  return (
    <section className="welcome-step form-card" aria-labelledby={heading} hidden={!current}>
      <h2 id={heading} tabIndex={-1} ref={current ? mark : undefined}>
        {t("welcome.heading", { step, steps, name })}
      </h2>
      <StepFormsProvider value={forms}>{children(heading)}</StepFormsProvider>
      <div className="actions">
        {onBack ? <Action onClick={onBack}>{t("welcome.back")}</Action> : null}
        <Action
          variant="primary"
          busy={saving || busy}
          // A field shows its fault when it loses the focus, which would move this button away from the pointer.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => void goOn()}
        >
          {t(saving ? "welcome.saving" : step === steps ? "welcome.finish" : "welcome.next")}
        </Action>
        <Action variant="quiet" className="apart" busy={busy} onClick={onSkip}>
          {t("welcome.skip")}
        </Action>
      </div>
    </section>
  );
}
