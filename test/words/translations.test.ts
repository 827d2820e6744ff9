import { beforeAll, describe, expect, it } from "vitest";
import { smsLength } from "../../src/core/index.ts";
import { approvalText, inviteText, resentText } from "../../src/core/pairing/sms-text.ts";
import { LANGUAGE_TAGS, type Language } from "../../src/words/languages.ts";
import { PAGE_LANGUAGES } from "../../src/words/page-languages.ts";
import { HOST_WORDS, loadLanguage } from "../../src/words/say.ts";
import { TEXT_MESSAGES } from "../../src/words/text-messages.ts";
import { SETTINGS_PAGES } from "./catalogues.ts";

const TRANSLATED = LANGUAGE_TAGS.filter((tag) => tag !== "en");
/** What operators read, in English. */
const OF_OPERATORS: ReadonlySet<string> = new Set(["database", "doctor", "storage", "verify"]);

/** Names, and words that other languages share with English. Those of one language are behind its tag. */
const EQUAL: Readonly<Record<string, ReadonlySet<string>>> = {
  all: new Set([
    "Twilio",
    "AWS SNS",
    "Vonage",
    "cloudflared",
    "ngrok",
    "Tailscale Funnel",
    "Dev tunnels",
    "Top Dog",
    "SMS",
    "Android",
    "ID {{id}}",
    "Account SID",
    "MQTT broker",
    "run the tests",
    "~/.topdog/pairing",
    "Build",
    "Build {{build}}",
    "Plan",
    "OK",
    "UTC",
    "{{view}} · Top Dog",
  ]),
  de: new Set([
    "Name",
    "International",
    "Tunnel",
    "Details",
    "Region",
    "Status",
    "Admin-Token: ",
    "Computer: {{name}}",
    "Tunnel online",
    "Offline",
  ]),
};

/** Every sentence by its key. Plural forms come together, as those of English and of the other language differ. */
function sentencesOf(words: unknown, key = ""): Readonly<Record<string, string>> {
  if (typeof words === "string") return { [key.replace(/_(?:zero|one|two|few|many|other)$/, "_plural")]: words };
  const rows = Object.entries(words as Readonly<Record<string, unknown>>);
  const isPlural = rows.every(([form]) => /^(?:zero|one|two|few|many|other)$/.test(form));
  if (isPlural) return { [key]: rows.map(([, text]) => text).join(" ") };
  const all: Record<string, string> = {};
  for (const [name, value] of rows)
    for (const [at, text] of Object.entries(sentencesOf(value, `${key}.${name}`)))
      all[at] = all[at] === undefined ? text : `${all[at]} ${text}`;
  return all;
}

function gapsIn(text: string): readonly string[] {
  return [...new Set(text.match(/\{\{[^}]*\}\}/g))].sort();
}

/** Whether there is something to translate: more than gaps and signs. */
function hasWords(text: string): boolean {
  return /\p{L}{2}/u.test(text.replace(/\{\{[^}]*\}\}/g, ""));
}

const hostWords = new Map<Language, object>();
beforeAll(async () => {
  for (const tag of LANGUAGE_TAGS) hostWords.set(tag, (await loadLanguage(tag)).words);
});

function cataloguesOf(tag: Language): object {
  const host = Object.entries(hostWords.get(tag) ?? {}).filter(([section]) => !OF_OPERATORS.has(section));
  const { language, direction, ...phone } = PAGE_LANGUAGES[tag];
  // Commands are the same everywhere: the server understands them as they are.
  const { quickCommands, ...rest } = phone;
  return { host: Object.fromEntries(host), phone: rest, page: SETTINGS_PAGES[tag], texts: TEXT_MESSAGES[tag] };
}

describe.each(TRANSLATED)("the words in %s", (tag) => {
  it("are for the same keys as the English ones, and are filled with the same", () => {
    const gaps = (language: Language): Readonly<Record<string, readonly string[]>> =>
      Object.fromEntries(Object.entries(sentencesOf(cataloguesOf(language))).map(([key, text]) => [key, gapsIn(text)]));
    expect(gaps(tag)).toEqual(gaps("en"));
  });

  it("are translated", () => {
    const english = sentencesOf(cataloguesOf("en"));
    const same = Object.entries(sentencesOf(cataloguesOf(tag))).filter(
      ([key, text]) => text === english[key] && hasWords(text) && !EQUAL["all"]?.has(text) && !EQUAL[tag]?.has(text),
    );
    expect(same).toEqual([]);
  });

  it("leave no blanks at their ends, and use no straight quotation marks", () => {
    const english = sentencesOf(cataloguesOf("en"));
    const odd = Object.entries(sentencesOf(cataloguesOf(tag))).filter(
      ([key, text]) => (text !== text.trim() && english[key] === english[key]?.trim()) || (/"/.test(text) && !/"/.test(english[key] ?? "")),
    );
    expect(odd).toEqual([]);
  });

  it("have a sentence for each error of the API", () => {
    const { errors, httpErrors } = hostWords.get(tag) as typeof HOST_WORDS;
    expect(Object.keys(errors)).toEqual(Object.keys(HOST_WORDS.errors));
    expect(Object.keys(httpErrors)).toEqual(Object.keys(HOST_WORDS.httpErrors));
  });
});

const LINK = `https://pair.topdog-ide.com/pair?code=${"x".repeat(43)}`;
const INBOX = "https://pair.topdog-ide.com/inbox";

describe.each(LANGUAGE_TAGS)("the text messages in %s", (language) => {
  const texts = {
    invite: inviteText({ userName: "John Doe", link: LINK, minutes: 15, language }),
    inviteNoName: inviteText({ userName: "", link: LINK, minutes: 15, language }),
    resent: resentText({ link: LINK, minutes: 15, language }),
    approval: approvalText({ project: "", link: INBOX, language }),
    projectApproval: approvalText({ project: "Website", link: INBOX, language }),
  };

  it("cost one segment with a typical link, where the language has its letters among GSM-7's", () => {
    const { script } = new Intl.Locale(language).maximize();
    // A link alone is longer than the 70 characters of a UCS-2 segment.
    const expected =
      script === "Latn"
        ? { invite: 1, inviteNoName: 1, resent: 1, approval: 1, projectApproval: 1 }
        : { invite: 3, inviteNoName: 3, resent: 3, approval: 1, projectApproval: 1 };
    const lengths = Object.entries(texts).map(([name, text]) => [name, smsLength(text)] as const);
    expect(Object.fromEntries(lengths.map(([name, { characterSet }]) => [name, characterSet]))).toEqual(
      Object.fromEntries(lengths.map(([name]) => [name, script === "Latn" ? "GSM-7" : "UCS-2"])),
    );
    for (const [name, { segments }] of lengths) expect([name, segments <= expected[name as keyof typeof expected]]).toEqual([name, true]);
  });

  it("have one link, on its own or at the end, so that phones make a link of it alone", () => {
    for (const text of Object.values(texts)) expect(text).toMatch(/(?:^|[\s])https:\/\/\S+(?:\n\n|$)/);
  });
});
