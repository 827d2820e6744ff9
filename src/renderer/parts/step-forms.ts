import { createContext, useContext, useEffect } from "react";

/** Resolves with whether all that was typed is saved; where it is not, the form says why. */
type Save = () => Promise<boolean>;

/** The forms of one step of several: they are saved when the person goes on. */
export interface StepForms {
  readonly add: (save: Save) => () => void;
  /** One after another; the first that could not be saved keeps the person here. */
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
