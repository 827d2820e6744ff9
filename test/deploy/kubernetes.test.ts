import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { isLoopback } from "../../src/base/loopback.ts";
import { trusts } from "../../src/http/client-address.ts";
import type { Option } from "../../src/settings/option.ts";
import { ALL_OPTIONS } from "../../src/settings/options.ts";
import { readSettings } from "../../src/settings/read-settings.ts";

/** Read by the text message provider and not by the settings schema. */
const TWILIO = [
  "TWILIO_ACCOUNT_SID",
  "TWILIO_AUTH_TOKEN",
  "TWILIO_PHONE_NUMBER",
  "TWILIO_MESSAGING_SERVICE_SID",
  "TWILIO_API_KEY_SID",
  "TWILIO_API_KEY_SECRET",
  "PAIRING_TWILIO_BASE_URL",
];
/** What the setup guide puts into its ConfigMap, without ADMIN_TOKEN: that is a secret. */
const GUIDE = [
  "PAIRING_INVITE_EXPIRY_MINUTES",
  "PAIRING_BASE_URL",
  "PHONE_DEVICES_REQUIRE_ADMIN",
  "PAIRING_QR_REQUIRE_OTP",
  "PAIRING_QR_EMBED_OTP",
];
const KNOWN = new Set([
  ...TWILIO,
  ...Object.entries<Option>(ALL_OPTIONS).flatMap(([name, { secret, orFile }]) => (secret || orFile ? [name, `${name}_FILE`] : [name])),
]);

type Resource = Readonly<Record<string, any>>;

const folder = fileURLToPath(new URL("../../deploy/kubernetes", import.meta.url));
const BASE = path.join(folder, "base");
const OVERLAY = path.join(folder, "overlays/example");

const base = filesOf(BASE).flatMap((file) => resourcesOf(readFileSync(path.join(BASE, file), "utf8")));
const kustomized = kubectl(["kustomize", OVERLAY]);
const sets = [{ name: "the base", resources: base }];
if (kustomized?.status === 0) sets.push({ name: "the example overlay", resources: resourcesOf(kustomized.stdout) });

describe.each(sets)("$name", ({ resources }) => {
  const all = (kind: string): Resource[] => resources.filter((resource) => resource["kind"] === kind);
  const only = (kind: string): Resource => {
    expect(all(kind), kind).toHaveLength(1);
    return all(kind)[0]!;
  };
  const named = (kind: string, name: string): Resource => {
    const found = all(kind).filter(({ metadata }) => metadata.name === name);
    expect(found, `${kind} ${name}`).toHaveLength(1);
    return found[0]!;
  };
  const deployment = only("Deployment");
  const pod = deployment["spec"].template;
  const [container] = pod.spec.containers;
  const data: Record<string, string> = named("ConfigMap", "topdog-pairing-config")["data"];
  const settings = readSettings({ ...data, ADMIN_TOKEN: "a token" }, { storageFolder: "/not/set" });
  const phoneHost = new URL(settings.baseUrl!).hostname;

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

  it("has no secret in a ConfigMap", () => {
    const keys = all("ConfigMap").flatMap((map) => Object.keys({ ...map["data"], ...map["binaryData"] }));
    expect(keys.filter((key) => /TOKEN|SECRET|PASSWORD|KEY|AUTH/i.test(key))).toEqual([]);
  });

  it("sets only variables that the server knows", () => {
    const names = [
      ...[...all("ConfigMap"), ...all("Secret")].flatMap(({ data, stringData }) => Object.keys({ ...data, ...stringData })),
      ...(container.env ?? []).map(({ name }: Resource) => name),
    ];
    expect(names.filter((name) => !KNOWN.has(name))).toEqual([]);
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

  it("gives the container the ConfigMap and both Secrets", () => {
    expect(container.envFrom).toEqual([
      { configMapRef: { name: "topdog-pairing-config" } },
      { secretRef: { name: "topdog-pairing-admin" } },
      { secretRef: { name: "twilio-credentials" } },
    ]);
  });

  it("runs one pod, which is gone before the next one starts", () => {
    expect(deployment["spec"]).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(all("HorizontalPodAutoscaler")).toEqual([]);
    expect(only("PersistentVolumeClaim")["spec"].accessModes).toEqual(["ReadWriteOncePod"]);
    // The server stops within five seconds.
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(5);
  });

  it("runs it with no more rights than it needs", () => {
    expect(pod.spec.containers).toHaveLength(1);
    expect(pod.spec.initContainers).toBeUndefined();
    expect(pod.spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.spec.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(["hostNetwork", "hostPID", "hostIPC"].filter((field) => field in pod.spec)).toEqual([]);
    for (const kind of ["requests", "limits"])
      expect(container.resources[kind]).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
  });

  it("writes to the claim and to /tmp, and nowhere else", () => {
    const [{ name: claim }] = pod.spec.volumes.filter(
      ({ persistentVolumeClaim }: Resource) => persistentVolumeClaim?.claimName === only("PersistentVolumeClaim")["metadata"].name,
    );
    const [{ name: tmp }] = pod.spec.volumes.filter(({ emptyDir }: Resource) => emptyDir);
    expect(container.volumeMounts).toEqual([
      { name: claim, mountPath: path.posix.dirname(settings.storageFolder) },
      { name: tmp, mountPath: "/tmp" },
    ]);
    expect(pod.spec.volumes).toHaveLength(2);
  });

  it.each([
    ["startupProbe", "/healthz"],
    ["livenessProbe", "/healthz"],
    ["readinessProbe", "/readyz"],
  ])("has a %s that asks the phone door for %s by a name it knows", (probe, target) => {
    expect(container[probe]?.httpGet).toEqual({ path: target, port: "phone", httpHeaders: [{ name: "Host", value: "localhost" }] });
  });

  it("has ports that are the doors'", () => {
    expect(container.ports).toEqual([
      { name: "local", containerPort: settings.localPort },
      { name: "phone", containerPort: settings.phonePort },
    ]);
  });

  it("selects the pod everywhere", () => {
    const { labels } = pod.metadata;
    expect(deployment["spec"].selector.matchLabels).toEqual(labels);
    for (const service of all("Service")) expect(service["spec"].selector).toEqual(labels);
    expect(only("NetworkPolicy")["spec"].podSelector.matchLabels).toEqual(labels);
  });

  it("has a Service for each door, inside the cluster only", () => {
    expect(all("Service")).toHaveLength(2);
    for (const door of ["local", "phone"]) {
      const { type, ports } = named("Service", `topdog-pairing-${door}`)["spec"];
      expect(type).toBe("ClusterIP");
      expect(ports).toEqual([{ name: door, port: door === "local" ? settings.localPort : settings.phonePort, targetPort: door }]);
    }
  });

  it("points the ingress at the phone door, by TLS, under the host that the links have", () => {
    const { defaultBackend, rules, tls } = only("Ingress")["spec"];
    const backends = rules.flatMap(({ http }: Resource) => http.paths.map(({ backend }: Resource) => backend));
    expect(defaultBackend).toBeUndefined();
    expect(backends).toEqual([{ service: { name: "topdog-pairing-phone", port: { name: "phone" } } }]);
    expect(rules.map(({ host }: Resource) => host)).toEqual([phoneHost]);
    expect(tls).toEqual([{ hosts: [phoneHost], secretName: expect.stringMatching(/^[a-z0-9-]+$/) }]);
  });

  it("lets the ingress reach the phone door alone, and labelled pods of this namespace the local door", () => {
    const { policyTypes, ingress } = only("NetworkPolicy")["spec"];
    expect(policyTypes).toEqual(["Ingress"]);
    expect(ingress).toEqual([
      { from: [{ namespaceSelector: { matchLabels: expect.any(Object) } }], ports: [{ protocol: "TCP", port: "phone" }] },
      { from: [{ podSelector: { matchLabels: { "topdog-pairing-admin": "true" } } }], ports: [{ protocol: "TCP", port: "local" }] },
    ]);
    expect(Object.keys(ingress[0].from[0].namespaceSelector.matchLabels)).not.toEqual([]);
  });

  it("names the image's version", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
    expect(container.image).toMatch(/(^|\/)topdog-phone:/);
    expect(container.image.split(":").at(-1)).toBe(version);
  });

  it.skipIf(!kustomized)("has no field in its Deployment that kubectl does not know", () => {
    // Reading and writing it as kubectl's own type drops what is misspelt.
    const known = kubectl(["set", "env", "--local", "-f", "-", "X=y", "-o", "json"], JSON.stringify(deployment));
    expect(known?.status, known?.stderr).toBe(0);
    const written = fieldsOf(JSON.parse(known!.stdout));
    expect(fieldsOf(deployment).filter((field) => !written.includes(field))).toEqual([]);
  });
});

describe("the secrets", () => {
  const secrets = base.filter(({ kind }) => kind === "Secret");
  const values: Resource = Object.fromEntries(secrets.map(({ metadata, stringData }) => [metadata.name, stringData]));

  it("are templates of what the guide asks for, with no value that could be taken for a real one", () => {
    expect(Object.entries(values).map(([name, texts]) => [name, Object.keys(texts)])).toEqual([
      ["topdog-pairing-admin", ["ADMIN_TOKEN"]],
      ["twilio-credentials", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER"]],
    ]);
    for (const { type, data, stringData } of secrets) {
      expect({ type, data }).toEqual({ type: "Opaque", data: undefined });
      for (const text of Object.values(stringData)) expect(text).toMatch(/^REPLACE-ME /);
    }
  });

  it("open nothing when they were forgotten: the placeholder cannot be sent", () => {
    expect(() => new Headers({ "x-admin-token": values["topdog-pairing-admin"].ADMIN_TOKEN })).toThrow(TypeError);
  });

  it.skipIf(!kustomized)("are not in the overlay, which would put the templates in the real ones' place", () => {
    expect(sets.at(-1)!.resources.filter(({ kind }) => kind === "Secret")).toEqual([]);
  });
});

describe("kustomize", () => {
  it.each([
    ["the base", BASE],
    ["the example overlay", OVERLAY],
  ])("names every file of %s, and no other", (_, place) => {
    const { resources = [], patches = [] } = parse(readFileSync(path.join(place, "kustomization.yaml"), "utf8"));
    const files = [...resources, ...patches.flatMap((patch: Resource) => patch["path"] ?? [])];
    expect(files.filter((file) => file !== "../../base").sort()).toEqual(filesOf(place));
  });

  it.skipIf(!kustomized)("builds the example overlay", () => {
    expect(kustomized?.status, kustomized?.stderr).toBe(0);
    const kinds = (resources: Resource[]): string[] => resources.map(({ kind }) => kind).filter((kind) => kind !== "Secret");
    expect(kinds(sets.at(-1)!.resources).sort()).toEqual(kinds(base).sort());
  });
});

function filesOf(place: string): string[] {
  return readdirSync(place)
    .filter((file) => file !== "kustomization.yaml")
    .sort();
}

function resourcesOf(text: string): Resource[] {
  return parseAllDocuments(text).map((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw fault;
    return document.toJS();
  });
}

function fieldsOf(value: object): string[] {
  return Object.entries(value).flatMap(([name, inside]: [string, unknown]) =>
    typeof inside === "object" && inside !== null ? fieldsOf(inside).map((field) => `${name}.${field}`) : [name],
  );
}

/** `undefined` where there is no kubectl. */
function kubectl(words: readonly string[], input = ""): SpawnSyncReturns<string> | undefined {
  const done = spawnSync("kubectl", words, { encoding: "utf8", input });
  return done.error ? undefined : done;
}
