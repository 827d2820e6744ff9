import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createSnsSms } from "../../../src/adapters/sms/providers/sns-client.ts";
import { message } from "../../contracts/rejection.ts";
import { openSnsDouble } from "../../doubles/sns.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/+x" };
const SCRIPT = `
import sys, json, boto3, botocore.config
to, text, address, secret = sys.argv[1:]
sns = boto3.client("sns", region_name="us-east-1", endpoint_url=address, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key=secret, config=botocore.config.Config(retries={"max_attempts": 0}))
try:
    sns.publish(PhoneNumber=to, Message=text, MessageAttributes={"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}})
    print("taken")
except botocore.exceptions.ClientError as refusal:
    print(refusal.response["Error"]["Code"])
`;
const hasBoto3 = spawnSync("python3", ["-c", "import boto3"]).status === 0;
if (!hasBoto3) console.log("boto3 is not here (Debian: apt-get install python3-boto3): the stand-in for SNS is held to one client only.");

describe.runIf(hasBoto3)("the stand-in for AWS SNS, by AWS's client for Python", () => {
  it("is the same to both: what is taken, refused and mis-signed", async () => {
    const sns = await openSnsDouble({ [KEYS.accessKeyId]: KEYS.secretAccessKey });
    const python = async (to: string, secret = KEYS.secretAccessKey): Promise<string> =>
      (await promisify(execFile)("python3", ["-c", SCRIPT, to, message().text, sns.url, secret])).stdout.trim();
    try {
      sns.answer("+14155550001", ["OptedOut", "opted out", 400]);
      const answers = await Promise.all([python("+14155551234"), python("+14155550001"), python("555"), python("+14155551235", "wrong")]);
      expect(answers).toEqual(["taken", "OptedOut", "InvalidParameter", "SignatureDoesNotMatch"]);
      await createSnsSms({ region: "us-east-1", keys: KEYS, instanceRole: false, endpoint: sns.url }).send(message());
      const [theirs, ours] = sns.sent;
      expect(ours).toEqual({ ...theirs, id: expect.any(String) });
    } finally {
      await sns.close();
    }
  });
});
