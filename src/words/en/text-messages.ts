/** The texts that phones receive by SMS. Each must fit one GSM-7 segment with a typical link. */
export const textMessages = {
  invite: "Hi {{name}}! Click to pair your phone with Top Dog:\n\n{{link}}\n\nLink expires in {{minutes}} minutes.",
  inviteNoName: "Hi! Click to pair your phone with Top Dog:\n\n{{link}}\n\nLink expires in {{minutes}} minutes.",
  resent: "Top Dog Pairing Link (Resent):\n\n{{link}}\n\nLink expires in {{minutes}} minutes.",
  approval: "Top Dog: an approval is waiting. Open {{link}}",
  projectApproval: "Top Dog: an approval is waiting ({{project}}). Open {{link}}",
} as const;
