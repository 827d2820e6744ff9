import { createContext, useContext, useEffect } from "react";

/** Resolves with whether everything typed is saved; if not, the form shows why. */
type Save = () => Promise<boolean>;

/** The forms of one step, which are saved by its "Next" button. */
export interface StepForms {
  readonly add: (save: Save) => () => void;
  /** One after another, until one could not be saved. */
  readonly saveAll: Save;
}

export function createStepForms(): StepForms {
  const forms = new Set<Save>();
  return {
    add(save) {
      forms.add(save);
      return () => void forms.delete(save);
    },
    async saveAll() {
      for (const save of forms) if (!(await save())) return false;
      return true;
    },
  };
}

const StepFormsContext = createContext<StepForms | undefined>(undefined);
export const StepFormsProvider = StepFormsContext.Provider;

/** Whether this form is part of a step, which then saves it. */
export function useStep(save: Save): boolean {
  const forms = useContext(StepFormsContext);
  useEffect(() => forms?.add(save));
  return forms !== undefined;
}
