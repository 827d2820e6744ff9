import * as z from "zod";
import { ALERT_KINDS, BUILD_STATUSES, PRIORITIES, RISKS } from "./build-words.ts";
import { Id, Name, Time } from "./fields.ts";
import { DeliveryBody } from "./sms-delivery.ts";

/** What goes between an IDE and its phones. */

export const BuildStatus = z.enum(BUILD_STATUSES);
const Priority = z.enum(PRIORITIES);
const ProjectName = z.string().min(1).max(80);
const Comment = z.string().max(1000);
const WhichPhone = {
  device_id: Id.optional().describe("One phone; without it all active ones of a user."),
  user_id: Id.optional().describe(
    "This user's. Without device_id and user_id: those of PAIRING_USER_ID or, if that user has none, of the only user that has some.",
  ),
  all: z.boolean().optional().describe("Without device_id and user_id: everybody's."),
};

/** The query of an operation that may wait for a result. */
export const WaitSeconds = (most: number) =>
  z.coerce.number<number | string>().int().min(0).max(most).default(0).describe(`Seconds to wait for news, at most ${most}.`);

export const NotificationRequest = z.object({
  ...WhichPhone,
  build_id: Id,
  project_name: ProjectName,
  status: BuildStatus,
  message: z.string().min(1).max(1000),
  priority: Priority.default("normal"),
  action_required: z.boolean().default(false),
});

export const NotificationBody = z
  .object({
    notification_id: Id,
    build_id: Id,
    project_name: z.string(),
    status: BuildStatus,
    message: z.string(),
    priority: Priority,
    action_required: z.boolean(),
    alert: z
      .enum(ALERT_KINDS)
      .optional()
      .describe("Present where it is about Top Dog itself and not about a build: somebody else may be at work."),
  })
  .meta({ id: "Notification" });

const DeliveryState = z
  .enum(["waiting", "delivered", "read", "gone"])
  .describe("gone: newer messages took its place, or the phone lost its access, before the phone had it.");

const Deliveries = z.array(
  z
    .object({
      device_id: Id,
      user_id: Id,
      device_name: z.string().optional().describe("The phone's name, in the lists of the settings page."),
      state: DeliveryState,
      at: Time.optional().describe("When it was delivered or read."),
      sms: DeliveryBody.optional().describe("The delivery of the text message about it; absent where none was sent."),
    })
    .meta({ id: "MessageDelivery" }),
);

export const NotificationWay = z.object({ notification_id: Id, deliveries: Deliveries });

const Risk = z.enum(RISKS);

export const MatchNumber = z
  .string()
  .optional()
  .describe(
    "For a high risk: two digits. Show them to the person who decides; no phone is told which of its three numbers is the right one.",
  );

export const ApprovalRequest = z.object({
  ...WhichPhone,
  requested_by: Name.optional().describe(
    "The requester's name, shown to the person who decides. At most 80 characters; cleaned like other names.",
  ),
  build_id: Id,
  project_name: ProjectName,
  plan: z.string().min(1).max(10_000),
  affected_files: z.array(z.string().max(1000)).max(1000),
  estimated_duration: z.union([z.string().max(80), z.number()]),
  risk: Risk.default("normal").describe("high: the answer has a match_number, and a phone approves only with that number."),
  requires_approval_by: z.iso.datetime({ offset: true }).describe("ISO 8601. Not in the past, and at most seven days away."),
});

export const ApprovalStatus = z.enum(["pending", "approved", "rejected", "expired", "cancelled"]);
const Settled = {
  decided_by: z
    .string()
    .optional()
    .describe(
      "The device_id of the phone that decided, or desk. A phone of an earlier version may be called desk: it has a decided_by_name.",
    ),
  decided_via: z
    .enum(["phone", "computer", "admin"])
    .optional()
    .describe("Where it was decided: on a phone, at the computer in a window, or at the computer with the admin token."),
  decided_by_name: z.string().optional().describe("The phone's name; absent where the computer decided."),
  decided_at: Time.optional(),
  comment: z.string().optional(),
};

export const ContentSha256 = z
  .string()
  .describe(
    "SHA-256, lower-case hex, of the RFC 8785 form of {project_name, plan, affected_files}: everything that is approved. A member that the approval does not have is left out.",
  );

export const ApprovalAnswer = z
  .object({ approval_id: Id, status: ApprovalStatus, content_sha256: ContentSha256, ...Settled })
  .meta({ id: "ApprovalStatus" });

const ApprovalBody = z
  .object({
    approval_id: Id,
    status: ApprovalStatus.describe("As it stands when the message is read."),
    content_sha256: ContentSha256,
    requested_by: z.string().optional().describe("The requester's name as given, unverified; absent where none was given."),
    build_id: Id,
    project_name: z.string(),
    plan: z.string(),
    affected_files: z.array(z.string()),
    estimated_duration: z.union([z.string(), z.number()]),
    requires_approval_by: Time,
    risk: Risk,
    numbers: z
      .array(z.string())
      .optional()
      .describe("For a high risk: three numbers, always in the same order. To approve, a person chooses the one that the computer shows."),
    ...Settled,
  })
  .meta({ id: "Approval" });

/** An approval as the settings page shows it. */
export const ApprovalCard = ApprovalBody.extend({
  requested_at: Time,
  user_ids: z.array(Id),
  deliveries: Deliveries,
  match_number: MatchNumber.describe("For a high risk, in a window or with the admin token: the number that phones must choose."),
});

export const Decision = z.object({
  decision: z.enum(["approve", "reject"]),
  comment: Comment.optional(),
  content_sha256: z
    .string()
    .max(128)
    .optional()
    .describe("Computed from what was shown to the person who decides. When it is not the approval's, nothing is decided."),
  number: z
    .string()
    .max(16)
    .optional()
    .describe("For a phone that approves a high risk: the number that a person chose. The second wrong one rejects the approval."),
});

export const Acknowledgment = z.object({
  seq: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("Everything up to here is with the phone. A number that was never given acknowledges nothing."),
  read: z.array(Id).max(100).optional().describe("message_id of messages that a person has seen."),
});

/** By channel, so that a further channel is one more field. */
export const TestedPhoneBody = z
  .object({
    notification_id: Id.describe("Ask for its status to see it arrive."),
    inbox: z.object({ state: DeliveryState, at: Time.optional() }).describe("Stored for the phone, independent of the other channels."),
    push: z.object({
      state: z
        .enum(["accepted", "off", "gone", "not_allowed", "failed"])
        .describe("accepted: the push service has taken it. off: the phone does not let itself be woken."),
      sentence: z.string().describe("What came of it, and what to do."),
    }),
    sms: z
      .object({
        state: z
          .enum(["ready", "off", "no_number"])
          .describe(
            "ready: an approval that reaches the phone's user in no other way is texted to it. no_number: it was paired by QR code.",
          ),
        sentence: z.string(),
      })
      .describe("The status of the text message channel. A test sends none."),
  })
  .meta({ id: "TestedPhone" });

export const VoiceCommandRequest = z.object({
  command_text: z.string().min(1).max(200),
  device_id: Id,
  confidence: z.number().min(0).max(1).optional().describe("How sure the recogniser was."),
  language: z.string().max(35).optional(),
  confirms: Id.optional().describe("The command_id of an answer needs_confirmation that a person has tapped."),
});

export const VoiceAnswerBody = z
  .object({
    command_id: Id,
    status: z
      .enum(["done", "accepted", "needs_confirmation", "ambiguous", "not_understood", "no_handler"])
      .describe(
        "accepted: the IDE has it, and a command_result follows. needs_confirmation: ask again with confirms once a person has tapped.",
      ),
    message: z.string(),
    details: z
      .object({
        command: z.string().optional().describe("What was understood."),
        choices: z.array(z.string()).optional().describe("The alternatives of an ambiguous command; the available commands for help."),
        confirm_by: Time.optional(),
        approval_id: Id.optional().describe("What is to be approved: show all of it before a person confirms."),
      })
      .optional(),
  })
  .meta({ id: "VoiceAnswer" });

const VoiceAction = z.enum(["build", "run", "test", "deploy", "stop"]);

export const VoiceOffer = z.object({
  commands: z
    .array(z.object({ action: VoiceAction, targets: z.array(z.string().min(1).max(80)).min(1).max(200) }))
    .min(1)
    .max(20)
    .describe("What phones may ask for, and of what. Nothing else is ever handed on."),
});

export const VoiceTask = z
  .object({ command_id: Id, action: VoiceAction, target: z.string(), user_id: Id, device_id: Id })
  .meta({ id: "VoiceTask" });

export const VoiceResult = z.object({ status: z.enum(["done", "failed"]), message: z.string().min(1).max(1000) });

const Envelope = { seq: z.number().int(), timestamp: Time, message_id: Id, user_id: Id, device_id: Id };

/** A message to a phone. */
export const InboxMessageBody = z
  .discriminatedUnion("type", [
    z.object({ ...Envelope, type: z.literal("notification"), payload: NotificationBody }),
    z.object({ ...Envelope, type: z.literal("approval_request"), payload: ApprovalBody }),
    z.object({ ...Envelope, type: z.literal("approval_settled"), payload: ApprovalAnswer }),
    z.object({
      ...Envelope,
      type: z.literal("command_result"),
      payload: z.object({ command_id: Id, status: z.enum(["done", "failed"]), message: z.string() }),
    }),
  ])
  .meta({ id: "InboxMessage" });

const Anything = z.record(z.string(), z.unknown());

const FromPhone = {
  message_id: Id.describe("The phone's own name for this message; answers carry it as in_reply_to."),
  timestamp: z.iso.datetime({ offset: true }).optional(),
  user_id: Id.optional(),
  device_id: Id.optional(),
};

/** A message from a phone over MQTT. Unknown fields are ignored, as everywhere. */
export const PhoneMessageBody = z.discriminatedUnion("type", [
  z.object({
    ...FromPhone,
    type: z.literal("voice_command"),
    payload: VoiceCommandRequest.extend({ device_id: Id.optional() }),
  }),
  z.object({ ...FromPhone, type: z.literal("heartbeat"), payload: Anything.optional() }),
  z.object({ ...FromPhone, type: z.literal("acknowledgment"), payload: Acknowledgment }),
  z.object({ ...FromPhone, type: z.literal("approval_decision"), payload: Decision.extend({ approval_id: Id }) }),
]);
export type PhoneMessage = z.output<typeof PhoneMessageBody>;
