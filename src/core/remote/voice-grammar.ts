/** The actions that an IDE can offer by voice. */
export const VOICE_ACTIONS = ["build", "run", "test", "deploy", "stop"] as const;
export type VoiceAction = (typeof VOICE_ACTIONS)[number];

/** A parsed command, before its words are resolved. */
export type Spoken =
  | { readonly kind: "help" | "status" | "unknown" }
  | { readonly kind: "decide"; readonly decision: "approve" | "reject"; readonly words: string }
  | { readonly kind: "act"; readonly action: VoiceAction; readonly words: string };

/** Latin letters only: look-alike letters would make another word, and shell characters are never spoken. */
const SPEAKABLE = /^[\p{Script=Latin}\p{M}\p{Nd} ._/'-]+$/u;
const POLITE = /^(?:(?:hey |ok )?top dog |please |can you |could you )+|(?: please| now| thanks| thank you)+$/g;
const TESTS = /^(?:run|start)(?: the| all)* tests?(?: (.+))?$/;
const DECISION = /^(approve|accept|reject|deny|decline)(?: (.+))?$/;
const ACTION = /^(build|rebuild|compile|run|start|launch|test|deploy|stop|abort|cancel)(?: (.+))?$/;
const FILLERS = /^(?:(?:the|it|this|that|to|of|for|in|on|my|project|build|request|approval)(?: |$))+/;
const LAST_WORD = / (?:project|build|request|approval)$/;
const ACTIONS: Readonly<Record<string, VoiceAction>> = {
  build: "build",
  rebuild: "build",
  compile: "build",
  run: "run",
  start: "run",
  launch: "run",
  test: "test",
  deploy: "deploy",
  stop: "stop",
  abort: "stop",
  cancel: "stop",
};

/** A closed grammar: unknown commands do nothing. */
export function parseCommand(typed: string): Spoken {
  const spoken = spokenForm(typed).replace(POLITE, "").trim();
  if (!SPEAKABLE.test(spoken)) return { kind: "unknown" };
  if (/^(?:help|commands|what can i say)$/.test(spoken)) return { kind: "help" };
  if (/^(?:(?:what is |show )?(?:the )?(?:build )?status|how is the build)$/.test(spoken)) return { kind: "status" };
  const tests = TESTS.exec(spoken);
  if (tests) return { kind: "act", action: "test", words: slot(tests[1]) };
  const [, decision, approval] = DECISION.exec(spoken) ?? [];
  if (decision !== undefined)
    return { kind: "decide", decision: decision === "approve" || decision === "accept" ? "approve" : "reject", words: slot(approval) };
  const [, verb = "", target] = ACTION.exec(spoken) ?? [];
  const action = ACTIONS[verb];
  return action === undefined ? { kind: "unknown" } : { kind: "act", action, words: slot(target) };
}

/** The matching labels: the exact one, else those that contain every word, else, without any word, all. */
export function meantBy<Choice extends { readonly label: string }>(words: string, choices: readonly Choice[]): readonly Choice[] {
  if (words === "") return choices;
  const exact = choices.filter(({ label }) => spokenForm(label) === words);
  if (exact.length > 0) return exact;
  const spoken = words.split(" ");
  return choices.filter(({ label }) =>
    spoken.every((word) =>
      spokenForm(label)
        .split(/[ ._/-]/)
        .includes(word),
    ),
  );
}

function spokenForm(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[.,!?]+(?= |$)/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

function slot(words = ""): string {
  return words.replace(FILLERS, "").replace(LAST_WORD, "").trim();
}
