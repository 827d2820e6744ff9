/** The answers to voice commands. `{{command}}` is what a person can say: "deploy staging". */
export const voice = {
  noHandler: "Open a project in Top Dog to use this command.",
  confirm: "Tap to confirm: {{command}}.",
  nothingToConfirm: "There is nothing to confirm any more. Say the command again.",
  started: "Started: {{command}}.",
  failed: "The IDE couldn't run {{command}}.",
  unknownTarget: "There is nothing of that name to {{action}}. Known: {{known}}.",
  which: "Which one?",
  noApprovals: "No approval is waiting for you.",
  unknownApproval: "No approval of that name is waiting.",
  decided: "{{approval}}: {{status}}.",
  noBuilds: "No build news yet.",
  build: "{{project}}: {{status}}. {{message}}",
  waiting: "{{build}} Waiting for you: {{count}}.",
  help: "Say: status, approve, reject, {{commands}}.",
  helpNoProject: "Say: status, approve, reject. Open a project in Top Dog for more.",
  unknownCommand: "I don't know that command. {{help}}",
} as const;
