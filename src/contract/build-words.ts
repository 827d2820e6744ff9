/** The closed sets of notifications and approvals, apart from the schemas: the command line's help loads no schema. */
export const ALERT_KINDS = ["phone_paired", "link_used_again", "wrong_admin_tokens"] as const;
export const BUILD_STATUSES = ["initiated", "in_progress", "success", "failure", "approval_pending", "cancelled"] as const;
export const PRIORITIES = ["low", "normal", "high", "critical"] as const;
export const RISKS = ["low", "normal", "high"] as const;
