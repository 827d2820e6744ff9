import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { dropDatabases, emptyDatabase } from "../e2e/databases.ts";
import { CLI, freshHome, killServers, run, startHeadless } from "../e2e/headless.ts";
import { hasPostgres } from "../postgres.ts";
import type { Resource } from "./kustomize.ts";
import { manifestsIn, podsOf, REPLICAS } from "./manifests.ts";

afterEach(async () => {
  killServers();
  await dropDatabases();
});

const [plain] = Object.values(REPLICAS);
const overlay = manifestsIn(plain!);

describe.each(Object.entries(REPLICAS))("%s", (_, place) => {
  const { all, only, named, deployment, pod, container, data, settings, resources } = manifestsIn(place);
  const labels = pod.metadata.labels;
  const policy = (name: string): any => named("NetworkPolicy", name)["spec"];

  it("runs three servers or more, and while they are replaced no fewer", () => {
    const { replicas, strategy, minReadySeconds } = deployment["spec"];
    const { minReplicas, maxReplicas, scaleTargetRef } = only("HorizontalPodAutoscaler")["spec"];
    // The autoscaler's number, which a number here would reset at each apply.
    expect(replicas).toBeUndefined();
    expect(minReplicas).toBe(3);
    expect(maxReplicas).toBeGreaterThan(minReplicas);
    // PostgreSQL has 100 connections by default, three of them for administrators; README.md allows 13 for each server.
    expect((maxReplicas + strategy.rollingUpdate.maxSurge) * 13).toBeLessThanOrEqual(97);
    expect(scaleTargetRef).toEqual({ apiVersion: "apps/v1", kind: "Deployment", name: deployment["metadata"].name });
    expect(strategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    expect(minReadySeconds).toBeGreaterThan(0);
    expect(only("PodDisruptionBudget")["spec"]).toMatchObject({ maxUnavailable: 1, selector: { matchLabels: labels } });
  });

  it("spreads them over nodes and zones", () => {
    const spread: Resource[] = pod.spec.topologySpreadConstraints;
    expect(spread.map(({ topologyKey }) => topologyKey)).toEqual(["kubernetes.io/hostname", "topology.kubernetes.io/zone"]);
    for (const { maxSkew, labelSelector } of spread) expect([maxSkew, labelSelector]).toEqual([1, { matchLabels: labels }]);
  });

  it("has no volume that outlives a pod", () => {
    expect(all("PersistentVolumeClaim")).toEqual([]);
    expect(pod.spec.volumes.filter((volume: Resource) => !("emptyDir" in volume) && !("secret" in volume))).toEqual([]);
    expect(settings.log).toBe("stdout");
  });

  it("lets a server answer for five seconds more, and finish within five, before it is killed", () => {
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
    expect(container.lifecycle).toBeUndefined();
  });

  it("gives the account that changes the tables to the migration alone", () => {
    const [, job] = podsOf({ ...overlay, all });
    const secrets = (template: Resource): string[] => template["spec"].volumes.flatMap(({ secret }: Resource) => secret?.secretName ?? []);
    expect(secrets(pod)).toEqual(["topdog-pairing-database", "topdog-pairing-keys"]);
    expect(secrets(job!)).toEqual(["topdog-pairing-migration"]);
    expect(data["PAIRING_DATABASE_MIGRATE"]).toBeUndefined();
    expect(job!["spec"].containers[0].args).toEqual(["migrate"]);
    expect(only("Job")["spec"]).toMatchObject({ backoffLimit: expect.any(Number), activeDeadlineSeconds: expect.any(Number) });
    // No Service and no policy of the servers is the migration's.
    expect(job!["metadata"].labels).not.toMatchObject(labels);
    expect(policy("topdog-pairing-migrate")).toMatchObject({ podSelector: { matchLabels: job!["metadata"].labels } });
    // It is applied before the servers, by that label.
    for (const one of [only("Job"), named("NetworkPolicy", "topdog-pairing-migrate")])
      expect(one["metadata"].labels).toEqual(job!["metadata"].labels);
  });

  it("lets out questions for names, to the database, and to public addresses by HTTPS", () => {
    const [names, database, provider, ...more] = policy("topdog-pairing").egress;
    expect(more).toEqual([]);
    expect(names.ports.map(({ port }: Resource) => port)).toEqual([53, 53]);
    expect(database).toEqual({ to: [{ podSelector: { matchLabels: expect.any(Object) } }], ports: [{ protocol: "TCP", port: 5432 }] });
    expect(provider.ports).toEqual([{ protocol: "TCP", port: 443 }]);
    const excepted: string[] = provider.to.flatMap(({ ipBlock }: Resource) => ipBlock.except);
    // The cluster's own networks, and the address at which clouds give away credentials.
    for (const network of ["10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"])
      expect(excepted).toContain(network);
    const migration = policy("topdog-pairing-migrate");
    expect(migration).toMatchObject({ policyTypes: ["Ingress", "Egress"], egress: [names, database] });
    expect(migration.ingress).toBeUndefined();
    expect(policy("topdog-pairing").policyTypes).toEqual(["Ingress", "Egress"]);
  });

  it("has metrics on a port of their own, which nobody reaches but Prometheus", () => {
    const monitors = all("ServiceMonitor");
    const opened = all("NetworkPolicy").filter(({ spec }) =>
      (spec.ingress ?? []).some(({ ports }: Resource) => ports.some(({ port }: Resource) => port === "metrics")),
    );
    expect(opened).toHaveLength(monitors.length);
    for (const { spec } of monitors) {
      const service = all("Service").find(({ metadata }) =>
        Object.entries(spec.selector.matchLabels).every(([name, value]) => metadata.labels?.[name] === value),
      );
      expect(service?.["spec"]).toMatchObject({ clusterIP: "None", selector: labels, ports: [{ name: spec.endpoints[0].port }] });
      expect(service?.["spec"].ports[0]).toMatchObject({ port: settings.metricsPort, targetPort: "metrics" });
      expect(opened[0]?.["spec"]).toMatchObject({ podSelector: { matchLabels: labels }, ingress: [{ from: [expect.any(Object)] }] });
    }
    expect(resources.some(({ kind }) => kind === "ServiceMonitor")).toBe(monitors.length === 1);
  });
});

const POD = 1000;
/** Whether another account can run the product from where it lies here. */
const canSwitch =
  process.geteuid?.() === 0 && spawnSync(process.execPath, [CLI, "--help"], { uid: POD, gid: POD, env: {}, cwd: "/" }).status === 0;
const account = canSwitch ? { uid: POD, gid: POD } : {};

describe.skipIf(!hasPostgres || process.platform === "win32")(
  "the pods of the replicas overlay (Debian: apt-get install postgresql)",
  () => {
    it("migrate and serve with the files of their Secrets, as Kubernetes mounts them", async () => {
      const url = await emptyDatabase();
      const secrets: Record<string, Record<string, string>> = {
        "topdog-pairing-database": { url },
        "topdog-pairing-migration": { url },
        "topdog-pairing-keys": { secrets_key: randomBytes(32).toString("base64") },
      };
      const [server, migration] = podsOf(overlay).map((template) => mountPod(template, secrets));
      const { code, printed } = await run([CLI, ...migration!.args], migration!.env, account).ended;
      expect([code, printed]).toEqual([0, expect.stringContaining("tables are now of version")]);
      const started = await startHeadless(server!.env["HOME"]!, server!.env, [CLI, ...server!.args], account);
      const headers = { host: "localhost" };
      for (const target of ["/healthz", "/readyz"])
        expect((await fetch(`${started.phoneAddress.replace("0.0.0.0", "127.0.0.1")}${target}`, { headers })).status).toBe(200);
      started.child.kill("SIGTERM");
      expect((await started.ended).code).toBe(0);
    });
  },
);

/** A pod's volumes in a folder, and the environment with which its container would run there. */
function mountPod(template: Resource, secrets: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const root = freshHome();
  chmodSync(root, 0o755);
  const [container] = template["spec"].containers;
  for (const { name, mountPath } of container.volumeMounts) {
    const folder = path.join(root, mountPath);
    const { secret } = template["spec"].volumes.find((volume: Resource) => volume["name"] === name);
    mkdirSync(folder, { recursive: true });
    if (secret !== undefined) writeSecret(folder, secrets[secret.secretName]!, secret.defaultMode);
    // An emptyDir is open to every account in the pod.
    else chmodSync(folder, 0o2777);
    if (canSwitch) chownSync(folder, 0, POD);
  }
  const given: Record<string, string> = {
    ...(container.envFrom === undefined ? {} : overlay.data),
    ...Object.fromEntries((container.env ?? []).map(({ name, value }: Resource) => [name, value])),
  };
  const placed = Object.entries(given).map(([name, value]) => [name, value.startsWith("/") ? path.join(root, value) : value]);
  return {
    args: (container.args ?? ["serve"]) as string[],
    env: {
      HOME: path.join(root, "home"),
      ADMIN_TOKEN: "a token",
      ...(Object.fromEntries(placed) as Record<string, string>),
      SMS_PROVIDER: "mock",
      PAIRING_PORT: "0",
      PAIRING_PHONE_PORT: "0",
      PAIRING_METRICS_PORT: "0",
    },
  };
}

/** As the kubelet writes it: links to files in a folder that a link names. */
function writeSecret(folder: string, texts: Readonly<Record<string, string>>, mode: number): void {
  mkdirSync(path.join(folder, "..2026"));
  symlinkSync("..2026", path.join(folder, "..data"));
  for (const [key, text] of Object.entries(texts)) {
    const file = path.join(folder, "..2026", key);
    writeFileSync(file, `${text}\n`, { mode });
    chmodSync(file, mode);
    if (canSwitch) chownSync(file, 0, POD);
    symlinkSync(path.join("..data", key), path.join(folder, key));
  }
}
