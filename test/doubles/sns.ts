import { createHash, createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** AWS's own description of the service, trimmed to what is used here. */
const model = JSON.parse(readFileSync(new URL("./sns-model.json", import.meta.url), "utf8")) as {
  readonly shapes: Readonly<
    Record<
      string,
      {
        readonly error?: { readonly code: string; readonly httpStatusCode: number; readonly senderFault?: boolean };
        readonly members?: Readonly<Record<string, unknown>>;
      }
    >
  >;
};

export interface SnsMessage {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, { readonly type: string; readonly value: string }>>;
}

/** An error shape of the model or a bare code, or a way in which an answer fails to be one. */
export type SnsAnswer =
  | readonly [shapeOrCode: string, message: string, status?: number]
  | "hang"
  | "reset"
  | "half an answer"
  | "html 502"
  | "garbage 200"
  | "html 200";

export interface SnsDouble {
  readonly url: string;
  readonly sent: readonly SnsMessage[];
  /** Every request for a message, taken or not. */
  readonly asked: readonly string[];
  answer(to: string, how?: SnsAnswer): void;
  sandbox: boolean;
  close(): Promise<void>;
}

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";
const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/** A stand-in for AWS SNS on this computer: AWS's Query protocol, every signature (SigV4) checked, shapes and errors by AWS's model. */
export async function openSnsDouble(keys: Readonly<Record<string, string>>): Promise<SnsDouble> {
  const sent: SnsMessage[] = [];
  const asked: string[] = [];
  const answers = new Map<string, SnsAnswer>();
  const state = { sandbox: false };
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(request, response, Buffer.concat(chunks)));
  });

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): unknown {
    const xml = (status: number, text: string): unknown => {
      response.writeHead(status, { "content-type": "text/xml", "x-amzn-requestid": randomUUID() });
      return response.end(text);
    };
    const refuse = (shapeOrCode: string, message: string, status = 403): unknown => {
      const { code, httpStatusCode, senderFault } = model.shapes[shapeOrCode]?.error ?? {
        code: shapeOrCode,
        httpStatusCode: status,
        senderFault: true,
      };
      return xml(
        httpStatusCode,
        `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${senderFault ? "Sender" : "Receiver"}</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
      );
    };
    const wrong = signatureFault(request, body, keys);
    if (wrong !== undefined) return refuse(wrong, "The request signature we calculated does not match the signature you provided.");
    const form = new URLSearchParams(body.toString("utf8"));
    if (form.get("Version") !== "2010-03-31") return refuse("InvalidAction", "The version is not known.", 400);
    const action = form.get("Action") ?? "";
    if (action === "GetSMSSandboxAccountStatus") {
      return xml(
        200,
        `<${action}Response xmlns="${NAMESPACE}"><${action}Result><IsInSandbox>${state.sandbox}</IsInSandbox></${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
      );
    }
    if (action !== "Publish") return refuse("InvalidAction", `The action ${action} is not valid for this endpoint.`, 400);
    const known = Object.keys(model.shapes["PublishInput"]?.members ?? {});
    for (const name of form.keys()) {
      if (!["Action", "Version"].includes(name) && !known.includes(name.split(".")[0] ?? "")) {
        return refuse("InvalidParameterException", `Invalid parameter: Unexpected ${name}`);
      }
    }
    const to = form.get("PhoneNumber") ?? "";
    const text = form.get("Message") ?? "";
    asked.push(to);
    if (text === "") return refuse("InvalidParameterException", "Invalid parameter: Empty message");
    if (!/^\+[1-9]\d{6,14}$/.test(to)) {
      return refuse("InvalidParameterException", `Invalid parameter: PhoneNumber Reason: ${to} is not valid to publish to`);
    }
    const attributes: Record<string, { type: string; value: string }> = {};
    for (let entry = 1; form.has(`MessageAttributes.entry.${entry}.Name`); entry += 1) {
      const at = `MessageAttributes.entry.${entry}.`;
      const type = form.get(`${at}Value.DataType`) ?? "";
      if (!/^(String|Number|Binary|String\.Array)$/.test(type))
        return refuse("InvalidParameterValueException", "Invalid attribute DataType");
      attributes[form.get(`${at}Name`) ?? ""] = { type, value: form.get(`${at}Value.StringValue`) ?? "" };
    }
    const { "AWS.SNS.SMS.SMSType": type, "AWS.SNS.SMS.SenderID": sender, "AWS.SNS.SMS.MaxPrice": price } = attributes;
    if (type && !["Transactional", "Promotional"].includes(type.value))
      return refuse("InvalidParameterException", "Invalid parameter: SMSType");
    if (sender && !/^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/.test(sender.value)) {
      return refuse("InvalidParameterException", "Invalid parameter: SenderID");
    }
    if (price && (price.type !== "Number" || !(Number(price.value) > 0)))
      return refuse("InvalidParameterException", "Invalid parameter: MaxPrice");
    const how = answers.get(to);
    if (typeof how === "string") return misbehave(how, request, response);
    if (how) return refuse(...how);
    const message = { id: randomUUID(), to, text, attributes };
    sent.push(message);
    xml(
      200,
      `<PublishResponse xmlns="${NAMESPACE}"><PublishResult><MessageId>${message.id}</MessageId></PublishResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`,
    );
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    asked,
    answer(to: string, how?: SnsAnswer) {
      if (how === undefined) answers.delete(to);
      else answers.set(to, how);
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** AWS's word for what is wrong with a request's signature; nothing for one that is right. */
function signatureFault(request: IncomingMessage, body: Buffer, keys: Readonly<Record<string, string>>): string | undefined {
  const [, id = "", date = "", region = "", service = "", names = "", given = ""] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    ) ?? [];
  if (given === "") return "MissingAuthenticationToken";
  const secret = keys[id];
  if (secret === undefined) return "InvalidClientTokenId";
  const url = new URL(request.url ?? "", "http://sns");
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join("&");
  const claimed = request.headers["x-amz-content-sha256"];
  if (claimed !== undefined && claimed !== sha256(body)) return "SignatureDoesNotMatch";
  const canonical = [
    request.method,
    url.pathname,
    query,
    ...names.split(";").map(
      (name) =>
        `${name}:${String(request.headers[name] ?? "")
          .trim()
          .replace(/ +/g, " ")}`,
    ),
    "",
    names,
    sha256(body),
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
  const right = service === "sns" && timingSafeEqual(hmac(key, toSign), Buffer.from(given, "hex"));
  return right ? undefined : "SignatureDoesNotMatch";
}

function misbehave(how: Extract<SnsAnswer, string>, request: IncomingMessage, response: ServerResponse): unknown {
  const say = (status: number, type: string, body: string): unknown => {
    response.writeHead(status, { "content-type": type });
    return response.end(body);
  };
  switch (how) {
    case "hang":
      return;
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "half an answer":
      response.writeHead(200, { "content-type": "text/xml", "content-length": "500" });
      response.write("<PublishResponse>");
      setImmediate(() => request.socket.destroy());
      return;
    case "html 502":
      return say(502, "text/html", "<html><body><h1>Bad gateway</h1></body></html>");
    case "html 200":
      return say(200, "text/html", "<!doctype html><html><body>Log in</body></html>");
    case "garbage 200":
      return say(200, "text/xml", "<PublishResponse><PublishRes");
    default:
      how satisfies never;
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
