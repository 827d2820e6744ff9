export const approval = {
  question: "Approve this build?",
  expires: "Expires {{time}}, {{left}}",
  noConnection: "There is no connection to Top Dog. You can answer when it is back.",
  readFirst: "Read to the end of the plan and the files to approve.",
  read: "You have seen everything. You can approve now.",
  whichNumber: "Which number does the computer show?",
  chooseNumber: "Choose the number that the computer shows to approve.",
  readNowChoose: "You have seen everything. Choose the number that the computer shows to approve.",
  lostNumber: "No answer. Check your connection. If this still waits for you, choose the number again.",
  approve: "Approve",
  approveQuestion: "Approve {{build}} of {{project}}?",
  approving: "Approving…",
  hold: "Hold the button, or press it and confirm.",
  yes: "Yes, approve",
  notYet: "Not yet",
  reject: "Reject",
  rejectMore: "Reject…",
  rejecting: "Rejecting…",
  comment: "Comment (optional)",
  back: "Go back",
  lost: "No answer. Check your connection, then answer again. Your answer counts only once.",
} as const;

export const approvalFacts = {
  project: "Project",
  build: "Build",
  asked: "Requested",
  askedBy: "Requested by",
  user: "For",
  takes: "Takes about",
  risk: "Risk",
  highRisk: "High",
} as const;

export const approvalContent = {
  plan: "Plan",
  endOfPlan: "End of the plan",
  showLines: "Show all {{count}} lines",
  showAll: "Show all",
  showLess: "Show less",
  files: "Files it changes ({{count}})",
  noFiles: "No files were named.",
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
