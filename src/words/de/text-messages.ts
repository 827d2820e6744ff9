export const textMessages = {
  invite: "Hallo {{name}}! Smartphone mit Top Dog koppeln:\n\n{{link}}\n\nDer Link gilt {{minutes}} Minuten.",
  inviteNoName: "Hallo! Smartphone mit Top Dog koppeln:\n\n{{link}}\n\nDer Link gilt {{minutes}} Minuten.",
  resent: "Top Dog Kopplungslink (erneut):\n\n{{link}}\n\nDer Link gilt {{minutes}} Minuten.",
  approval: "Top Dog: Eine Freigabe wartet. Öffnen Sie {{link}}",
  projectApproval: "Top Dog: Eine Freigabe wartet ({{project}}). Öffnen Sie {{link}}",
} as const;
