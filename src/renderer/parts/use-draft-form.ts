import { useMutation } from "@tanstack/react-query";
import { createContext, type RefObject, type SubmitEvent, useContext, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Reply } from "../../contract/pairing-api.ts";
import type { NoticePlace } from "../data/notices.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo, type Refused, rejectionOf } from "../data/rejection.ts";

/** Resolves with whether everything typed is saved; if not, the form shows why. */
type Save = () => Promise<boolean>;

/** The forms of one step, which are saved by its "Next" button. */
export function createStepForms() {
  const forms = new Set<Save>();
  return {
    add(save: Save) {
      forms.add(save);
      return () => void forms.delete(save);
    },
    /** One after another, until one could not be saved. */
    async saveAll(): Promise<boolean> {
      for (const save of forms) if (!(await save())) return false;
      return true;
    },
  };
}

const StepFormsContext = createContext<ReturnType<typeof createStepForms> | undefined>(undefined);
export const StepFormsProvider = StepFormsContext.Provider;

/** Whether this form is part of a step, which then saves it. */
function useStep(save: Save): boolean {
  const forms = useContext(StepFormsContext);
  useEffect(() => forms?.add(save));
  return forms !== undefined;
}

/** What is wrong with a field, by the field's name. */
export type FaultsOf<Fault> = Readonly<Record<string, Fault | undefined>>;

interface DraftFormOptions<Draft, Change, Saved, Fault> {
  /** Where its notices are shown. */
  readonly place: NoticePlace;
  /** The request to the server: all that differs from the saved values. */
  readonly changeOf: (draft: Draft) => Change;
  /** The faults that the page finds. While there are any, nothing is sent. */
  readonly check?: (draft: Draft) => FaultsOf<Fault>;
  readonly send: (change: Change) => Promise<Reply<Saved>>;
  readonly onSaved: (saved: Saved, change: Change) => void;
  /** The faults in a server's answer that belong beside a field. */
  readonly faultsIn: (problem: Refused) => FaultsOf<Fault>;
  /** Called before the focus moves to a faulty field, to show it. */
  readonly onFaults?: () => void;
}

export interface DraftForm<Draft, Change, Fault> {
  readonly formRef: RefObject<HTMLFormElement | null>;
  readonly saveButton: RefObject<HTMLButtonElement | null>;
  readonly draft: Draft;
  readonly faults: FaultsOf<Fault>;
  readonly dirty: boolean;
  readonly isSaving: boolean;
  readonly error: unknown;
  /** In a step of the welcome, whose "Next" button saves the form. */
  readonly inStep: boolean;
  /** Grows when the draft is saved or discarded. */
  readonly resets: number;
  readonly edit: (part: Partial<Draft>) => void;
  /** Shows a fault of a field, unless the draft has changed in a way that makes it out of date. */
  readonly addFault: (field: string, fault: Fault | undefined, isCurrent?: (draft: Draft) => boolean) => void;
  readonly clearFaults: () => void;
  /** Saves the draft. Resolves with whether everything typed is saved. */
  readonly save: () => Promise<boolean>;
  /** Saves this change instead of the draft. */
  readonly send: (change: Change) => Promise<boolean>;
  readonly submit: (event: SubmitEvent) => void;
  readonly discard: () => void;
}

/** A form whose changes are a draft until they are saved. Typed text stays until then, even when the page is updated meanwhile. */
export function useDraftForm<Draft extends object, Change extends object, Saved, Fault>(
  options: DraftFormOptions<Draft, Change, Saved, Fault>,
): DraftForm<Draft, Change, Fault> {
  const { place, changeOf, check, faultsIn } = options;
  const { t } = useTranslation();
  const { notices } = usePageState();
  const formRef = useRef<HTMLFormElement>(null);
  const saveButton = useRef<HTMLButtonElement>(null);
  const { reset, showFaults, ...state } = useDraft<Draft, Fault>(formRef, options.onFaults);
  const change = changeOf(state.draft);
  const dirty = Object.keys(change).length > 0;

  const { saving, isIdle, send } = useSaving({
    ...options,
    onSaved(saved, asked) {
      options.onSaved(saved, asked);
      reset((now) => withoutSaved(now, asked));
    },
    onProblem: (problem) => void showFaults(faultsIn(problem)),
  });
  const save = async (): Promise<boolean> => {
    if (!isIdle()) return false;
    if (showFaults(check?.(state.draft) ?? {})) {
      saving.reset();
      return false;
    }
    return dirty ? send(change) : true;
  };

  return {
    formRef,
    saveButton,
    ...state,
    dirty,
    isSaving: saving.isPending,
    error: saving.error,
    inStep: useStep(save),
    save,
    send,
    submit(event) {
      event.preventDefault();
      void save().then((saved) => {
        if (saved && !dirty) notices.say(place, t("form.unchanged"));
      });
    },
    discard() {
      reset(() => ({}) as Draft);
      saving.reset();
      notices.say(place, t("form.discarded"));
      saveButton.current?.focus();
    },
  };
}

/** The draft and its faults. */
function useDraft<Draft extends object, Fault>(formRef: RefObject<HTMLFormElement | null>, onFaults?: () => void) {
  const [draft, setDraft] = useState({} as Draft);
  const [faults, setFaults] = useState<FaultsOf<Fault>>({});
  const [resets, setResets] = useState(0);
  return {
    draft,
    faults,
    resets,
    /** Returns whether there are any. */
    showFaults(found: FaultsOf<Fault>): boolean {
      if (Object.keys(found).length === 0) return false;
      // The sentences are on the screen before the focus moves, so that a screen reader reads them with the field.
      flushSync(() => {
        onFaults?.();
        setFaults(found);
      });
      formRef.current?.querySelector("[data-faulty]")?.querySelector<HTMLElement>("input, select, button")?.focus();
      return true;
    },
    clearFaults: () => setFaults({}),
    edit(part: Partial<Draft>) {
      setDraft((now) => ({ ...now, ...part }));
      setFaults((now) => Object.fromEntries(Object.entries(now).filter(([field]) => !Object.hasOwn(part, field))));
    },
    addFault(field: string, fault: Fault | undefined, isCurrent: (draft: Draft) => boolean = () => true) {
      if (fault === undefined) return;
      setDraft((now) => {
        if (isCurrent(now)) setFaults((before) => ({ ...before, [field]: fault }));
        return now;
      });
    },
    /** After the draft was saved or discarded. */
    reset(rest: (draft: Draft) => Draft) {
      setDraft(rest);
      setFaults({});
      setResets((count) => count + 1);
    },
  };
}

interface SavingOptions<Change, Saved> {
  readonly place: NoticePlace;
  readonly send: (change: Change) => Promise<Reply<Saved>>;
  readonly onSaved: (saved: Saved, change: Change) => void;
  readonly onProblem: (problem: Refused) => void;
}

/** Sends one change at a time. */
function useSaving<Change, Saved>({ place, onSaved, onProblem, ...options }: SavingOptions<Change, Saved>) {
  const { notices } = usePageState();
  const busy = useRef(false);
  const saving = useMutation({
    mutationFn: async (change: Change) => answerTo(options.send(change)),
    onSuccess: onSaved,
    onError: (thrown) => onProblem(rejectionOf(thrown).problem),
    onSettled() {
      busy.current = false;
    },
  });
  return {
    saving,
    isIdle: () => !busy.current,
    async send(change: Change): Promise<boolean> {
      if (busy.current) return false;
      busy.current = true;
      notices.clear(place);
      return saving.mutateAsync(change).then(
        () => true,
        // The form shows the error.
        () => false,
      );
    },
  };
}

/** The rest of a draft when a change was saved: what was typed meanwhile. */
function withoutSaved<Draft extends object>(draft: Draft, saved: object): Draft {
  const sent = new Map<string, unknown>(Object.entries(saved));
  const isSaved = (name: string, typed: unknown): boolean => (typeof typed === "string" ? typed.trim() : typed) === (sent.get(name) ?? "");
  return Object.fromEntries(Object.entries(draft).filter(([name, typed]) => !isSaved(name, typed))) as Draft;
}
