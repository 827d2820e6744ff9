/**
 * The rooms, and the doors between them. Read `to.path` as "may not open"; the comment is what a person reads when the build stops.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const room = (...names) => `^src/(${names.join("|")})/`;
const pkg = (...names) => `(^|/)node_modules/(${names.join("|")})(/|$)`;

module.exports = {
  forbidden: [
    {
      name: "base-imports-nothing",
      severity: "error",
      comment: "src/base adds to the language. Every module may use it, so it uses none.",
      from: { path: room("base") },
      to: { path: "^src/|node_modules", pathNot: room("base") },
    },
    {
      name: "words-import-types-only",
      severity: "error",
      comment: "A catalogue is data: everyone may import it, and it carries nobody's code along.",
      from: { path: room("words") },
      to: { pathNot: room("words"), dependencyTypesNot: ["type-only"] },
    },
    {
      name: "core-knows-only-itself",
      severity: "error",
      comment: "The core asks the world through src/core/ports.ts.",
      from: { path: room("core") },
      to: { pathNot: room("core", "words", "base") },
    },
    {
      name: "contract-knows-core-types",
      severity: "error",
      comment: "The contract is words, not work: core types, the schema library, and the digest that both sides compute alike.",
      from: { path: room("contract") },
      to: { pathNot: [room("contract", "words", "base"), "^src/core/index\\.ts$", pkg("zod", "canonicalize", "@noble/hashes")] },
    },
    {
      name: "contract-imports-core-types-only",
      severity: "error",
      comment: "Use `import type`: the bridge must not carry the core into a page.",
      from: { path: room("contract") },
      to: { path: room("core"), dependencyTypesNot: ["type-only"] },
    },
    {
      name: "client-knows-only-the-contract",
      severity: "error",
      comment: "The client runs anywhere: the contract and what every JavaScript has.",
      from: { path: room("client") },
      to: { path: "^src/|node_modules", pathNot: [room("client", "contract", "words", "base")] },
    },
    {
      name: "adapters-serve-the-core",
      severity: "error",
      comment: "An adapter implements a port. It never meets a door or a host.",
      from: { path: room("adapters") },
      to: { path: room("contract", "operations", "http", "mqtt", "settings", "host", "main", "headless", "preload", "renderer", "phone") },
    },
    {
      name: "http-meets-no-adapter",
      severity: "error",
      comment: "Doors talk to the Pairing object they are given.",
      from: { path: room("http", "mqtt", "operations") },
      to: { path: room("adapters", "settings", "main", "headless", "preload", "renderer") },
    },
    {
      name: "only-the-phone-door-renders-the-phone",
      severity: "error",
      comment: "The phone's pages are pure text functions; the phone door alone serves them.",
      from: { path: "^src/", pathNot: ["^src/http/phone-door/", room("phone")] },
      to: { path: room("phone") },
    },
    {
      name: "doors-are-separate",
      severity: "error",
      comment: "The phone door must not be able to reach what only the desk may do.",
      from: { path: "^src/http/phone-door/" },
      to: { path: "^src/http/local-door/" },
    },
    {
      name: "preload-carries-only-the-contract",
      severity: "error",
      comment: "The bridge is thin: the contract and electron.",
      from: { path: room("preload") },
      to: { path: "^src/|node_modules", pathNot: [room("preload", "contract", "words", "base"), pkg("electron")] },
    },
    {
      name: "pages-know-only-the-contract",
      severity: "error",
      comment: "A page asks window.topdog or the HTTP API.",
      from: { path: room("renderer", "phone") },
      to: { path: "^src/", pathNot: [room("contract", "words", "base"), "^src/$1/"] },
    },
    {
      name: "electron-stays-in-its-rooms",
      severity: "error",
      comment: "Headless has no Electron.",
      from: { path: "^src/", pathNot: room("main", "preload") },
      to: { path: [pkg("electron", "electron-store"), "^electron$"] },
    },
    {
      name: "express-stays-in-http",
      severity: "error",
      comment: "One web framework, one room.",
      from: { path: "^src/", pathNot: room("http") },
      to: { path: pkg("express") },
    },
    {
      name: "pages-run-in-a-browser",
      severity: "error",
      comment: "No Node built-ins in pages, the bridge or the core.",
      from: { path: room("base", "core", "contract", "client", "renderer", "phone", "preload") },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "only-hosts-compose",
      severity: "error",
      comment: "main and headless are ends of the line: nobody imports a host.",
      from: { path: "^src/", pathNot: room("main", "headless") },
      to: { path: room("main", "headless") },
    },
    {
      name: "hosts-are-separate",
      severity: "error",
      comment: "The desktop and the server share src/host, not each other.",
      from: { path: room("headless") },
      to: { path: room("main") },
    },
    {
      name: "only-hosts-assemble",
      severity: "error",
      comment: "src/host builds a server out of ports and adapters; main and headless call it.",
      from: { path: "^src/", pathNot: room("main", "headless", "host") },
      to: { path: room("host") },
    },
    {
      name: "settings-serve-the-hosts",
      severity: "error",
      comment: "Settings know nothing of who uses them. They read files, and the fields of each text message provider.",
      from: { path: room("settings") },
      to: {
        path: "^src/",
        pathNot: [
          room("settings", "words", "base"),
          "^src/core/index\\.ts$",
          "^src/adapters/system/(read-text|working-folder)\\.ts$",
          "^src/adapters/sms/providers/(index|provider)\\.ts$",
        ],
      },
    },
    { name: "no-circles", severity: "error", comment: "Data goes one way.", from: { path: "^src/" }, to: { circular: true } },
    {
      name: "no-tests-in-src",
      severity: "error",
      comment: "The product does not know its tests.",
      from: { path: "^src/" },
      to: { path: "^(test|bench)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.node.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".d.ts"],
    },
  },
};
