/** The closed sets of a notification: for schemas, and for the command line, whose help loads no schema. */
export const BUILD_STATUSES = ["initiated", "in_progress", "success", "failure", "approval_pending", "cancelled"] as const;
export const PRIORITIES = ["low", "normal", "high", "critical"] as const;
