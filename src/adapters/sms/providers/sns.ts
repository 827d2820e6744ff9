import { present } from "../../../base/present.ts";
import { say } from "../../../words/say.ts";
import { readAwsProfile } from "./aws-files.ts";
import { CREDENTIAL } from "./patterns.ts";
import type { SmsProvider } from "./provider.ts";
import { createSnsSms } from "./sns-client.ts";
import { SNS } from "./sns-faults.ts";

/** https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html */
export const sns: SmsProvider = {
  ...SNS,
  configured: () => say("sms.snsConfigured"),
  fields: [
    {
      name: "region",
      variable: "AWS_REGION",
      called: () => say("sms.snsRegion"),
      pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
      rule: () => say("sms.snsRegionRule"),
      ownRules: true,
      savedAs: "region",
    },
    {
      name: "access_key_id",
      variable: "AWS_ACCESS_KEY_ID",
      called: () => say("sms.snsAccessKeyId"),
      pattern: /^[A-Z0-9]{16,128}$/,
      rule: () => say("sms.snsAccessKeyIdRule"),
      personal: true,
      folded: "sns_own_keys",
      ownRules: true,
      savedAs: "access_key_id",
    },
    {
      name: "secret_access_key",
      variable: "AWS_SECRET_ACCESS_KEY",
      called: () => say("sms.snsSecretAccessKey"),
      ...CREDENTIAL,
      secret: "aws-secret-access-key",
      folded: "sns_own_keys",
      ownRules: true,
    },
    {
      name: "sender_id",
      variable: "PAIRING_SNS_SENDER_ID",
      called: () => say("sms.snsSenderId"),
      pattern: /^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/,
      rule: () => say("sms.snsSenderIdRule"),
      savedAs: "sender_id",
    },
    {
      name: "max_price",
      variable: "PAIRING_SNS_MAX_PRICE",
      called: () => say("sms.snsMaxPrice"),
      pattern: /^\d{1,3}(\.\d{1,5})?$/,
      rule: () => say("sms.snsMaxPriceRule"),
      savedAs: "max_price",
    },
  ],
  needs: [
    { anyOf: [["region"]] },
    {
      anyOf: [["access_key_id", "secret_access_key"]],
      orFound: true,
      words: () => say("sms.snsCredentials"),
    },
  ],
  variables: [
    [
      ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
      ["AWS_PROFILE"],
      ["AWS_SHARED_CREDENTIALS_FILE"],
      ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"],
      ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
      ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
    ],
    // A profile names its region itself.
    [["AWS_REGION"], ["AWS_DEFAULT_REGION"], ["AWS_PROFILE"], ["AWS_CONFIG_FILE"]],
  ],
  shared: true,
  agreedAs: "aws_agreed",
  price: (country) => (country === "US" ? { least: 0.00645, most: 0.00645 } : undefined),
  async atHand({ aws, instanceRole, fields }) {
    const read = await readAwsProfile(aws.files);
    const role = instanceRole ? say("sms.awsRole") : undefined;
    const found = aws.source ?? (read.usable ? say("sms.awsProfile", { profile: aws.files.profile }) : role);
    return {
      given: {
        ...fields["sns"],
        region: aws.region,
        access_key_id: aws.keys?.accessKeyId,
        secret_access_key: aws.keys?.secretAccessKey,
      },
      defaultValue: { region: read.region },
      ...present({ found }),
      // On a person's own computer these credentials are for something else until that person agrees to their use.
      foundIn: ["access_key_id", "secret_access_key"],
      connect({ region = "", access_key_id, secret_access_key, sender_id, max_price }) {
        const keys =
          access_key_id === undefined || secret_access_key === undefined
            ? undefined
            : { accessKeyId: access_key_id, secretAccessKey: secret_access_key };
        return createSnsSms({
          region,
          keys: keys && aws.keys ? aws.keys : keys,
          profile: keys === undefined && aws.source === undefined && read.usable ? aws.files.profile : undefined,
          instanceRole,
          senderId: sender_id,
          maxPrice: max_price,
          endpoint: aws.endpoint,
        });
      },
    };
  },
};
