import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isLoopback } from "../../src/base/loopback.ts";
import { createProgram } from "../../src/headless/program.ts";
import { trusts } from "../../src/http/client-address.ts";
import { ALL_OPTIONS } from "../../src/settings/options.ts";
import { startServer } from "../http/server.ts";
import type { Resource } from "./kustomize.ts";
import { hasKubectl, kubectl, manifestsIn, PLACES, podsOf, secretTemplates, VARIABLES } from "./manifests.ts";

/** What the setup guide puts into its ConfigMap, without ADMIN_TOKEN: that is a secret. */
const GUIDE = [
  "PAIRING_INVITE_EXPIRY_MINUTES",
  "PAIRING_BASE_URL",
  "PHONE_DEVICES_REQUIRE_ADMIN",
  "PAIRING_QR_REQUIRE_OTP",
  "PAIRING_QR_EMBED_OTP",
];
const templates = secretTemplates();

describe.each(Object.entries(PLACES))("%s", (_, place) => {
  const manifests = manifestsIn(place);
  const { resources, all, only, named, deployment, pod, container, data, settings } = manifests;
  const pods = podsOf(manifests);
  const containers: Resource[] = pods.flatMap(({ spec }) => spec.containers);

  it.each(resources.map((resource) => [`${resource["kind"]} ${resource["metadata"]?.name}`, resource]))(
    "%s is a resource with a name",
    (_, resource) => {
      expect(resource).toMatchObject({
        apiVersion: expect.stringMatching(/^([a-z0-9.]+\/)?v\d+$/),
        kind: expect.stringMatching(/^[A-Z]\w+$/),
      });
      expect(resource["metadata"].name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    },
  );

  it("names each resource once, in one namespace", () => {
    const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(resources.map(({ metadata }) => metadata.namespace)).size).toBe(1);
  });

  it("has no secret in a ConfigMap", () => {
    const keys = all("ConfigMap").flatMap((map) => Object.keys({ ...map["data"], ...map["binaryData"] }));
    expect(keys.filter((key) => /TOKEN|SECRET|PASSWORD|KEY|AUTH|DATABASE_URL/i.test(key) && !key.endsWith("_FILE"))).toEqual([]);
  });

  it("sets only variables that the server knows", () => {
    const names = [
      ...[...all("ConfigMap"), ...all("Secret")].flatMap(({ data, stringData }) => Object.keys({ ...data, ...stringData })),
      ...containers.flatMap(({ env }) => (env ?? []).map(({ name }: Resource) => name)),
    ];
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !VARIABLES.has(name))).toEqual([]);
  });

  it("has the guide's variables, as far as the server knows them", () => {
    expect(Object.keys(data)).toEqual(expect.arrayContaining(GUIDE.filter((name) => name in ALL_OPTIONS)));
  });

  it("has settings that are good for a cluster", () => {
    // Texts, not numbers or booleans: YAML's 15 would be refused by the cluster.
    expect(Object.values(data).filter((text) => typeof text !== "string")).toEqual([]);
    expect(settings.sms.wanted ?? "auto", "auto falls back to mock, which prints links").not.toBe("auto");
    expect(settings.baseUrl).toMatch(/^https:/);
    expect(settings.adminRequired).toBe(true);
    expect([settings.localHost, settings.phoneHost].filter(isLoopback), "doors that no Service reaches").toEqual([]);
    expect(settings.allowedHosts).toContain("topdog-pairing-local");
    expect(() => trusts(settings.trustProxy)).not.toThrow();
    expect(
      settings.trustProxy.filter((entry) => entry !== "loopback"),
      "without the ingress all phones count as one",
    ).not.toEqual([]);
  });

  it("gives the servers the ConfigMap and both Secrets", () => {
    expect(container.envFrom).toEqual([
      { configMapRef: { name: "topdog-pairing-config" } },
      { secretRef: { name: "topdog-pairing-admin" } },
      { secretRef: { name: "twilio-credentials" } },
    ]);
  });

  it("names Secrets that have a template, and files of theirs that have a key", () => {
    for (const { spec } of pods) {
      const [one] = spec.containers as Resource[];
      const secrets = (one!["envFrom"] ?? []).flatMap(({ secretRef }: Resource) => secretRef?.name ?? []);
      for (const name of secrets)
        expect([name, Object.keys(templates[name] ?? {}).filter((key) => !VARIABLES.has(key))]).toEqual([name, []]);
      expect(secrets.filter((name: string) => templates[name] === undefined)).toEqual([]);
      const keys = spec.volumes.flatMap(({ name, secret }: Resource) => {
        if (secret === undefined) return [];
        const mounted = one!["volumeMounts"].filter((mount: Resource) => mount["name"] === name);
        expect(mounted).toEqual([{ name, mountPath: expect.any(String), readOnly: true }]);
        // Root's, and the pod's group may read it: 0440.
        expect(secret).toEqual({ secretName: expect.any(String), defaultMode: 0o440 });
        return Object.keys(templates[secret.secretName] ?? {}).map((key) => `${mounted[0].mountPath}/${key}`);
      });
      const variables = { ...(one!["envFrom"] === undefined ? {} : data), ...environmentOf(one!) };
      const files = Object.entries(variables).flatMap(([name, text]) => (name.endsWith("_FILE") ? [text] : []));
      expect(keys.sort()).toEqual(files.sort());
    }
  });

  it("runs every pod with no more rights than it needs", () => {
    for (const { spec } of pods) {
      expect(spec.containers).toHaveLength(1);
      expect(spec.initContainers).toBeUndefined();
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(["hostNetwork", "hostPID", "hostIPC"].filter((field) => field in spec)).toEqual([]);
    }
    // Otherwise the group could read every file on a volume at each start.
    expect(pod.spec.securityContext.fsGroupChangePolicy).toBe("OnRootMismatch");
    for (const one of containers) {
      expect(one["securityContext"]).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      for (const kind of ["requests", "limits"])
        expect(one["resources"][kind]).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    }
  });

  it("writes to a volume and to /tmp, and nowhere else", () => {
    const written = container.volumeMounts.filter(({ readOnly }: Resource) => readOnly !== true);
    expect(written).toEqual([
      { name: "data", mountPath: path.posix.dirname(settings.storageFolder) },
      { name: "tmp", mountPath: "/tmp" },
    ]);
    const mounted = container.volumeMounts.map(({ name }: Resource) => name);
    expect(pod.spec.volumes.map(({ name }: Resource) => name).sort()).toEqual(mounted.sort());
  });

  it("runs the image that deploy/Dockerfile makes, and commands that it has", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    const [, entry = ""] = /^ENTRYPOINT \["node", "(.*)"\]$/m.exec(readFileSync("deploy/Dockerfile", "utf8")) ?? [];
    expect(existsSync(entry)).toBe(true);
    const commands = createProgram(() => undefined).commands.map((command) => command.name());
    for (const one of containers) {
      expect(one["image"]).toMatch(/(^|\/)topdog-phone:/);
      expect(one["image"].split(":").at(-1)).toBe(version);
      expect(one["command"]).toBeUndefined();
      for (const word of one["args"] ?? ["serve"]) expect(commands).toContain(word);
    }
  });

  it.each([
    ["startupProbe", "/healthz"],
    ["livenessProbe", "/healthz"],
    ["readinessProbe", "/readyz"],
  ])("has a %s that asks the phone door for %s by a name it knows", (probe, target) => {
    expect(container[probe]?.httpGet).toEqual({ path: target, port: "phone", httpHeaders: [{ name: "Host", value: "localhost" }] });
  });

  it("has probes, and metrics to read, that a server with these settings answers", async () => {
    const { PAIRING_METRICS_PORT: metrics, ...rest } = data;
    const saved = Object.entries(rest).filter(([name]) => !/_FILE$|_PORT$|STORAGE_PATH|PAIRING_LOG|SMS_PROVIDER/.test(name));
    const server = await startServer({
      ...Object.fromEntries(saved),
      ADMIN_TOKEN: "a token",
      PAIRING_METRICS_HOST: "127.0.0.1",
      ...(metrics === undefined ? {} : { PAIRING_METRICS_PORT: "0" }),
    });
    const doors: Record<string, string | undefined> = {
      local: server.localAddress,
      phone: server.phoneAddress,
      metrics: server.metricsAddress?.replace(/\/metrics$/, ""),
    };
    const probes = ["startupProbe", "livenessProbe", "readinessProbe"].map((name) => container[name].httpGet);
    const read = all("ServiceMonitor").flatMap(({ spec }) => spec.endpoints);
    for (const { path: target, port, httpHeaders } of [...probes, ...read]) {
      const headers = Object.fromEntries((httpHeaders ?? []).map(({ name, value }: Resource) => [name, value]));
      const at = new URL(target, doors[port]?.replace("0.0.0.0", "127.0.0.1"));
      expect([target, (await fetch(at, { headers })).status]).toEqual([target, 200]);
    }
  });

  it("has ports that are the doors'", () => {
    const { localPort, phonePort, metricsPort } = settings;
    const doors = { local: localPort, phone: phonePort, ...(metricsPort === undefined ? {} : { metrics: metricsPort }) };
    const ports = container.ports.map(({ name, containerPort }: Resource) => [name, containerPort]);
    expect(Object.fromEntries(ports)).toEqual(doors);
  });

  it("selects the servers' pods everywhere", () => {
    const { labels } = pod.metadata;
    expect(deployment["spec"].selector.matchLabels).toEqual(labels);
    for (const service of all("Service")) expect(service["spec"].selector).toEqual(labels);
    expect(named("NetworkPolicy", "topdog-pairing")["spec"].podSelector.matchLabels).toEqual(labels);
  });

  it("has a Service for each door, inside the cluster only", () => {
    expect(all("Service").filter(({ metadata }) => metadata.name !== "topdog-pairing-metrics")).toHaveLength(2);
    for (const door of ["local", "phone"]) {
      const { type, ports } = named("Service", `topdog-pairing-${door}`)["spec"];
      expect(type).toBe("ClusterIP");
      expect(ports).toEqual([{ name: door, port: door === "local" ? settings.localPort : settings.phonePort, targetPort: door }]);
    }
  });

  it("points the ingress at the phone door, by TLS, under the host that the links have", () => {
    const { defaultBackend, rules, tls } = only("Ingress")["spec"];
    const backends = rules.flatMap(({ http }: Resource) => http.paths.map(({ backend }: Resource) => backend));
    const { hostname } = new URL(settings.baseUrl!);
    expect(defaultBackend).toBeUndefined();
    expect(backends).toEqual([{ service: { name: "topdog-pairing-phone", port: { name: "phone" } } }]);
    expect(rules.map(({ host }: Resource) => host)).toEqual([hostname]);
    expect(tls).toEqual([{ hosts: [hostname], secretName: expect.stringMatching(/^[a-z0-9-]+$/) }]);
  });

  it("keeps links' codes out of the ingress's log", () => {
    expect(only("Ingress")["metadata"].annotations).toMatchObject({ "nginx.ingress.kubernetes.io/enable-access-log": "false" });
  });

  it("lets the ingress reach the phone door alone, and labelled pods of this namespace the local door", () => {
    const { policyTypes, ingress } = named("NetworkPolicy", "topdog-pairing")["spec"];
    expect(policyTypes).toContain("Ingress");
    expect(ingress).toEqual([
      { from: [{ namespaceSelector: { matchLabels: expect.any(Object) } }], ports: [{ protocol: "TCP", port: "phone" }] },
      { from: [{ podSelector: { matchLabels: { "topdog-pairing-admin": "true" } } }], ports: [{ protocol: "TCP", port: "local" }] },
    ]);
    expect(Object.keys(ingress[0].from[0].namespaceSelector.matchLabels)).not.toEqual([]);
  });

  it("brings no Secret, which would put a template in a real one's place", () => {
    // The base alone is not applied.
    if (deployment["metadata"].namespace !== undefined) expect(all("Secret")).toEqual([]);
    else expect(all("Secret").map(({ metadata }) => metadata.name)).toEqual(["topdog-pairing-admin", "twilio-credentials"]);
  });

  it.skipIf(!hasKubectl)("has no field in its pods that kubectl does not know", () => {
    for (const resource of [...all("Deployment"), ...all("Job")]) {
      // Reading and writing it as kubectl's own type drops what is misspelt.
      const known = kubectl(["set", "env", "--local", "-f", "-", "X=y", "-o", "json"], JSON.stringify(resource));
      expect(known?.status, known?.stderr).toBe(0);
      const written = fieldsOf(JSON.parse(known!.stdout));
      expect(fieldsOf(resource).filter((field) => !written.includes(field))).toEqual([]);
    }
  });
});

describe("the templates of the Secrets", () => {
  it("are what the guide asks for, and what servers on one database share", () => {
    expect(Object.entries(templates).map(([name, texts]) => [name, Object.keys(texts)])).toEqual([
      ["topdog-pairing-admin", ["ADMIN_TOKEN"]],
      ["twilio-credentials", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER"]],
      ["topdog-pairing-database", ["url"]],
      ["topdog-pairing-migration", ["url"]],
      ["topdog-pairing-keys", ["secrets_key"]],
    ]);
  });

  it("have no value that could be taken for a real one", () => {
    for (const text of Object.values(templates).flatMap((texts) => Object.values(texts))) expect(text).toMatch(/^REPLACE-ME /);
  });

  it("open nothing when they were forgotten: the placeholder cannot be sent", () => {
    expect(() => new Headers({ "x-admin-token": templates["topdog-pairing-admin"]!["ADMIN_TOKEN"]! })).toThrow(TypeError);
  });
});

function environmentOf({ env = [] }: Resource): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }: Resource) => [name, value]));
}

function fieldsOf(value: object): string[] {
  return Object.entries(value).flatMap(([name, inside]: [string, unknown]) =>
    typeof inside === "object" && inside !== null ? fieldsOf(inside).map((field) => `${name}.${field}`) : [name],
  );
}
