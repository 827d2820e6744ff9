export const command = {
  heading: "Command",
  label: "What should Top Dog do?",
  placeholder: "run the tests",
  send: "Send",
  dictate: "Type it, or dictate it with your keyboard's microphone key.",
  asking: "Asking Top Dog…",
  sending: "Sending…",
  understood: "Top Dog understood",
  readThenApprove: "Read it, then approve",
  yes: "Yes, do it",
  no: "No",
  nothingDone: "Nothing was done.",
  tooLate: "The time to confirm is over, and nothing was done. Give the command again.",
  lost: "No answer. Check your connection, then try again.",
  lostAfterTap: "No answer. The command may have been carried out: check the inbox before you give it again.",
  quick: "Quick commands",
  result: "{{status}}: {{message}}",
} as const;

/** Commands to tap. The server understands them as they are. */
export const quickCommands = ["Status", "Approve", "Reject", "Help"] as const;

export const commandStatus = { done: "Command done", failed: "Command failed" } as const;

export const speech = {
  speak: "Speak",
  privacy: "Your browser's maker recognizes what you say, not Top Dog.",
  starting: "One moment…",
  listening: "Listening… tap to stop",
  silence: "Nothing was heard. Speak again, or type it.",
  denied: "This page isn't allowed to use the microphone. {{instead}}",
  unavailable: "This browser can't recognize speech here. {{instead}}",
} as const;
