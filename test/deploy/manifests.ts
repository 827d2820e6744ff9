import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Option } from "../../src/settings/option.ts";
import { ALL_OPTIONS } from "../../src/settings/options.ts";
import { readSettings, type Settings } from "../../src/settings/read-settings.ts";
import { type Resource, readDocuments, renderFolder } from "./kustomize.ts";

/** The manifests of deploy/kubernetes as they are applied. */

export const FOLDER = fileURLToPath(new URL("../../deploy/kubernetes", import.meta.url));
/** Every folder with a kustomization.yaml. */
export const KUSTOMIZATIONS = ["base", "overlays/example", "overlays/replicas", "components/service-monitor"] as const;

interface Place {
  readonly folder: string;
  readonly components: readonly string[];
}

const place = (name: string, ...components: string[]): Place => ({ folder: path.join(FOLDER, name), components });
/** What may be applied, by how a person calls it. */
export const ONE_POD: Readonly<Record<string, Place>> = {
  "the base": place("base"),
  "the example overlay": place("overlays/example"),
};
export const REPLICAS: Readonly<Record<string, Place>> = {
  "the replicas overlay": place("overlays/replicas"),
  "the replicas overlay with a ServiceMonitor": place("overlays/replicas", "../../components/service-monitor"),
};
export const PLACES = { ...ONE_POD, ...REPLICAS };

/** Every variable that the server reads. */
export const VARIABLES: ReadonlySet<string> = new Set(
  Object.entries<Option>(ALL_OPTIONS).flatMap(([name, { secret, orFile }]) => (secret || orFile ? [name, `${name}_FILE`] : [name])),
);

export interface Manifests {
  readonly resources: readonly Resource[];
  all(kind: string): Resource[];
  /** Fails unless there is exactly one. */
  only(kind: string): Resource;
  named(kind: string, name: string): Resource;
  readonly deployment: Resource;
  /** The servers' template. */
  readonly pod: any;
  readonly container: any;
  /** The ConfigMap's. */
  readonly data: Readonly<Record<string, string>>;
  /** What the server makes of them, without what the Secrets bring. */
  readonly settings: Settings;
}

export function manifestsIn({ folder, components }: Place): Manifests {
  const resources = renderFolder(folder, components);
  const all = (kind: string): Resource[] => resources.filter((resource) => resource["kind"] === kind);
  const one = (found: readonly Resource[], what: string): Resource => {
    expect(found, what).toHaveLength(1);
    return found[0]!;
  };
  const named = (kind: string, name: string): Resource =>
    one(
      all(kind).filter(({ metadata }) => metadata.name === name),
      `${kind} ${name}`,
    );
  const deployment = named("Deployment", "topdog-pairing");
  const { template } = deployment["spec"];
  const data = named("ConfigMap", "topdog-pairing-config")["data"] as Record<string, string>;
  const withoutFiles = Object.fromEntries(Object.entries(data).filter(([name]) => !name.endsWith("_FILE")));
  return {
    resources,
    all,
    only: (kind) => one(all(kind), kind),
    named,
    deployment,
    pod: template,
    container: template.spec.containers[0],
    data,
    settings: readSettings({ ...withoutFiles, ADMIN_TOKEN: "a token" }, { storageFolder: "/not/set" }),
  };
}

/** The pods' templates: the servers', and the migration's where there is one. */
export function podsOf({ all }: Manifests): Resource[] {
  return [...all("Deployment"), ...all("Job")].map(({ spec }) => spec.template);
}

/** The Secrets that the manifests name and never bring: the texts of their templates, by name and key. */
export function secretTemplates(): Record<string, Readonly<Record<string, string>>> {
  const files = ["base/secrets.yaml", "overlays/replicas/secrets.yaml"].map((file) => readFileSync(path.join(FOLDER, file), "utf8"));
  return Object.fromEntries(
    files.flatMap(readDocuments).map(({ metadata, type, data, stringData }) => {
      expect({ type, data }).toEqual({ type: "Opaque", data: undefined });
      return [metadata.name, stringData];
    }),
  );
}

/** `undefined` where there is no kubectl. */
export function kubectl(words: readonly string[], input = ""): SpawnSyncReturns<string> | undefined {
  const done = spawnSync("kubectl", words, { encoding: "utf8", input });
  return done.error ? undefined : done;
}

export const hasKubectl = kubectl(["version", "--client"]) !== undefined;
