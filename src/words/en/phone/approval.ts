export const approval = {
  question: "Approve this build?",
  expires: "Expires {{time}}, {{left}}",
  noConnection: "There is no connection to Top Dog. You can answer when it is back.",
  /** In place of Approve's hint while a part of the plan is not shown; `hidden` says how much. */
  showFirst: "{{hidden}}. You can approve when all of it is shown.",
  readFirst: "Read to the end of the plan and the files to approve.",
  read: "You have seen everything. You can approve now.",
  whichNumber: "Which number does the computer show?",
  chooseNumber: "Choose the number that the computer shows to approve.",
  readNowChoose: "You have seen everything. Choose the number that the computer shows to approve.",
  lostNumber: "No answer. Check your connection. If this still waits for you, choose the number again.",
  approve: "Hold to approve",
  keepHolding: "Keep holding…",
  approveQuestion: "Approve this for {{project}}?",
  approving: "Approving…",
  hold: "Hold for one second, or press and confirm. The build continues right away.",
  holding: "Let go to stop. Nothing is sent yet.",
  yes: "Yes, approve",
  notYet: "Not yet",
  reject: "Reject",
  rejectMore: "Reject…",
  rejecting: "Rejecting…",
  comment: "Comment (optional)",
  back: "Go back",
  next: "Next in the inbox ({{count}})",
  backToInbox: "Back to the inbox",
  lost: "No answer. Check your connection, then answer again. Your answer counts only once.",
} as const;

export const approvalFacts = {
  build: "Build",
  asked: "Requested",
  askedBy: "Requested by",
  user: "For",
  takes: "Takes about",
  risk: "Risk",
  highRisk: "High",
  highRiskTag: "High risk",
} as const;

export const approvalContent = {
  plan: "Plan",
  endOfPlan: "End of the plan",
  showLines: { other: "Show all {{count}} lines" },
  showAll: "Show all",
  /** Of a plan that is not shown in full. */
  linesHidden: { one: "{{count}} line, {{hidden}} not shown yet", other: "{{count}} lines, {{hidden}} not shown yet" },
  partHidden: "A part of the plan is not shown yet",
  files: "Files it changes ({{count}})",
  lines: { one: "{{count}} line", other: "{{count}} lines" },
  fileCount: { one: "{{count}} file", other: "{{count}} files" },
  /** Before a line of a diff, for a screen reader. */
  added: "added",
  removed: "removed",
} as const;

export const approvalStatus = {
  pending: "Waiting for you",
  approved: "Approved",
  rejected: "Rejected",
  expired: "Expired",
  cancelled: "Cancelled in Top Dog",
} as const;

/** What became of an approval. `approved` and `rejected` say where; `at` adds when. */
export const outcome = {
  at: "{{sentence}}, {{time}}.",
  done: "{{sentence}}.",
  approved: { computer: "Approved on your computer", here: "Approved on this phone", phone: "Approved on {{name}}" },
  rejected: { computer: "Rejected on your computer", here: "Rejected on this phone", phone: "Rejected on {{name}}" },
  anotherPhone: "another phone",
  expired: "Expired: nobody answered in time",
} as const;
