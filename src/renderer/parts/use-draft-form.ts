import { useMutation } from "@tanstack/react-query";
import { type RefObject, type SubmitEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Reply } from "../../contract/pairing-api.ts";
import type { NoticePlace } from "../data/notices.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo, type Refused, rejectionOf } from "../data/rejection.ts";
import { useStep } from "./step-forms.ts";

/** What is wrong with a field, by the field's name. */
export type FaultsOf<Fault> = Readonly<Record<string, Fault | undefined>>;

interface DraftFormOptions<Draft, Change, Saved, Fault> {
  /** Where its notices are shown. */
  readonly place: NoticePlace;
  /** What differs from what is saved, as the server is asked for it. */
  readonly changeOf: (draft: Draft) => Change;
  /** The faults that the page itself finds. While there are any, nothing is sent. */
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
  /** In a step of the welcome, which saves the form when the person goes on. */
  readonly inStep: boolean;
  /** Grows when the draft is saved or discarded. */
  readonly resets: number;
  readonly edit: (part: Partial<Draft>) => void;
  /** Shows a fault of a field, unless the draft has changed in a way that makes it out of date. */
  readonly addFault: (field: string, fault: Fault | undefined, isCurrent?: (draft: Draft) => boolean) => void;
  readonly clearFaults: () => void;
  /** Saves what was typed. Resolves with whether all of it is saved now. */
  readonly save: () => Promise<boolean>;
  /** Saves this change, whatever was typed. */
  readonly send: (change: Change) => Promise<boolean>;
  readonly submit: (event: SubmitEvent) => void;
  readonly discard: () => void;
}

/** A form whose changes are a draft until they are saved. What is typed stays until then, even when the page is updated meanwhile. */
export function useDraftForm<Draft extends object, Change extends object, Saved, Fault>(
  options: DraftFormOptions<Draft, Change, Saved, Fault>,
): DraftForm<Draft, Change, Fault> {
  const { place, changeOf, check, faultsIn, onFaults } = options;
  const { t } = useTranslation();
  const { notices } = usePageState();
  const [draft, setDraft] = useState({} as Draft);
  const [faults, setFaults] = useState<FaultsOf<Fault>>({});
  const [resets, setResets] = useState(0);
  const busy = useRef(false);
  const formRef = useRef<HTMLFormElement>(null);
  const saveButton = useRef<HTMLButtonElement>(null);
  const change = changeOf(draft);
  const dirty = Object.keys(change).length > 0;

  /** The sentences are on the screen before the focus moves, so that a field is read together with its own. */
  const showFaults = (found: FaultsOf<Fault>): void => {
    flushSync(() => {
      onFaults?.();
      setFaults(found);
    });
    formRef.current?.querySelector("[data-faulty]")?.querySelector<HTMLElement>("input, button")?.focus();
  };
  const saving = useMutation({
    mutationFn: async (asked: Change) => answerTo(options.send(asked)),
    onSuccess(saved, asked) {
      options.onSaved(saved, asked);
      setDraft((now) => withoutSaved(now, asked));
      setFaults({});
      setResets((count) => count + 1);
    },
    onError(thrown) {
      const found = faultsIn(rejectionOf(thrown).problem);
      if (Object.keys(found).length > 0) showFaults(found);
    },
    onSettled() {
      busy.current = false;
    },
  });
  const send = async (asked: Change): Promise<boolean> => {
    if (busy.current) return false;
    busy.current = true;
    notices.clear(place);
    return saving.mutateAsync(asked).then(
      () => true,
      // The form shows the error.
      () => false,
    );
  };
  const save = async (): Promise<boolean> => {
    if (busy.current) return false;
    const found = check?.(draft) ?? {};
    if (Object.keys(found).length > 0) {
      saving.reset();
      showFaults(found);
      return false;
    }
    return dirty ? send(change) : true;
  };

  return {
    formRef,
    saveButton,
    draft,
    faults,
    dirty,
    isSaving: saving.isPending,
    error: saving.error,
    inStep: useStep(save),
    resets,
    edit(part) {
      setDraft((now) => ({ ...now, ...part }));
      setFaults((now) => Object.fromEntries(Object.entries(now).filter(([field]) => !Object.hasOwn(part, field))));
    },
    addFault(field, fault, isCurrent = () => true) {
      if (fault === undefined) return;
      setDraft((now) => {
        if (isCurrent(now)) setFaults((before) => ({ ...before, [field]: fault }));
        return now;
      });
    },
    clearFaults: () => setFaults({}),
    save,
    send,
    submit(event) {
      event.preventDefault();
      void save().then((saved) => {
        if (saved && !dirty) notices.say(place, t("form.unchanged"));
      });
    },
    discard() {
      setDraft({} as Draft);
      setFaults({});
      setResets((count) => count + 1);
      saving.reset();
      notices.say(place, t("form.discarded"));
      saveButton.current?.focus();
    },
  };
}

/** What is left of a draft when a change was saved: what was typed meanwhile. */
function withoutSaved<Draft extends object>(draft: Draft, saved: object): Draft {
  const sent = new Map<string, unknown>(Object.entries(saved));
  const isSaved = (name: string, typed: unknown): boolean => (typeof typed === "string" ? typed.trim() : typed) === (sent.get(name) ?? "");
  return Object.fromEntries(Object.entries(draft).filter(([name, typed]) => !isSaved(name, typed))) as Draft;
}
