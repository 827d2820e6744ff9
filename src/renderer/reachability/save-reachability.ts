import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { present } from "../../base/present.ts";
import { type InputOf, OPERATIONS } from "../../contract/operations.ts";
import { type Reachability, usePageState } from "../data/page-state.ts";
import { answerTo, type Refused } from "../data/rejection.ts";
import { type FaultsOf, useDraftForm } from "../parts/use-draft-form.ts";

type ReachabilityChange = InputOf<"saveReachability">;
type TextName = "base_url" | "cloudflared_path" | "ngrok_authtoken";
type TextDraft = Readonly<Partial<Record<TextName, string>>>;

/** Saves a change at once. The page has the saved settings before `done` is called. */
export function useSaveReachability(done?: (change: ReachabilityChange) => void) {
  const { connection } = usePageState();
  const take = useTakeReachability();
  return useMutation({
    mutationFn: async (change: ReachabilityChange) => answerTo(connection.api.saveReachability(change)),
    onSuccess(saved, change) {
      take(saved);
      done?.(change);
    },
  });
}

/** Starts or stops the tunnel. */
export function useTunnelSwitch() {
  const { connection } = usePageState();
  return useMutation({
    mutationFn: async (to: "startTunnel" | "stopTunnel") => answerTo(connection.api[to]({})),
    onSuccess: useTakeReachability(),
  });
}

function useTakeReachability(): (saved: Reachability) => void {
  const { client, refresh } = usePageState();
  return (saved) => {
    client.setQueryData(["reachability"], saved);
    void refresh("invites");
  };
}

interface TextForm {
  readonly name: TextName;
  /** The value to save for the typed text; `undefined` where there is nothing to save. */
  readonly toSave: (typed: string | undefined) => string | undefined;
  readonly onSend?: () => void;
  readonly onSaved: () => void;
}

/** A form of one text. */
export function useReachabilityText({ name, toSave, onSend, onSaved }: TextForm) {
  const { t } = useTranslation();
  const { connection, notices } = usePageState();
  const take = useTakeReachability();
  const sentence = (rule: string): string => t("sms.mustBe", { field: t(`reachability.fields.${name}`), rule });
  const changeOf = (draft: TextDraft): ReachabilityChange => present({ [name]: toSave(draft[name]) });
  const check = (draft: TextDraft): FaultsOf<string> => {
    const read = OPERATIONS.saveReachability.body.shape[name].safeParse(changeOf(draft)[name]);
    return read.success ? {} : { [name]: sentence(read.error.issues[0]?.message ?? "") };
  };
  const form = useDraftForm({
    place: "reachability",
    changeOf,
    check,
    send(change) {
      onSend?.();
      return connection.api.saveReachability(change);
    },
    onSaved(saved, change) {
      take(saved);
      onSaved();
      notices.say("reachability", t(change[name] === "" ? `reachability.removed.${name}` : `reachability.saved.${name}`));
    },
    faultsIn({ code, detail, errors = [] }: Refused): FaultsOf<string> {
      if (code === "tunnel_program_unusable") return { [name]: detail };
      return Object.fromEntries(errors.flatMap(({ field, message }) => (field === name ? [[name, sentence(message)]] : [])));
    },
  });
  const fault = form.faults[name];
  return {
    ...form,
    typed: form.draft[name],
    fault,
    /** An error that is not shown beside the field. */
    failure: fault === undefined ? form.error : null,
    leave: () => form.addFault(name, check(form.draft)[name]),
  };
}
