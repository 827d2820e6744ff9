import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse, parseAllDocuments } from "yaml";

/**
 * What `kubectl kustomize` makes of the manifests, for computers without it: of kustomize's features those that the manifests use.
 * Any other one is an error. `test/deploy/kustomize.test.ts` compares both.
 */

export type Resource = Record<string, any>;

interface Kustomization {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newName?: string; readonly newTag?: string }[];
  readonly patches?: readonly { readonly path?: string; readonly patch?: string; readonly target?: { readonly kind: string } }[];
  readonly replacements?: readonly Replacement[];
}

interface Replacement {
  readonly source: Selected & { readonly fieldPath: string; readonly options: { readonly delimiter: string; readonly index: number } };
  readonly targets: readonly { readonly select: Selected; readonly fieldPaths: readonly string[] }[];
}

interface Selected {
  readonly kind: string;
  readonly name: string;
}

const KNOWN = ["apiVersion", "kind", "namespace", "resources", "components", "images", "patches", "replacements"];
/** By which field the members of a list are found; a list that is not here is replaced as a whole. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  volumes: "name",
  env: "name",
  volumeMounts: "mountPath",
  topologySpreadConstraints: "topologyKey",
};
/** `ports` are a container's, or a Service's, by this field. */
const PORT_KEYS = ["containerPort", "port"];
const DIRECTIVE = "$patch";

/** The resources of a folder with a kustomization.yaml. `components` are added to those that it names. */
export function renderFolder(folder: string, components: readonly string[] = []): Resource[] {
  const found = readKustomization(folder);
  const resources = (found.resources ?? []).flatMap((name) => readResource(path.join(folder, name)));
  for (const name of [...(found.components ?? []), ...components]) resources.push(...renderFolder(path.join(folder, name)));
  const patched = (found.patches ?? []).reduce((all, patch) => applyPatch(all, patch, folder), resources);
  for (const replacement of found.replacements ?? []) replace(patched, replacement);
  for (const resource of patched) {
    if (found.namespace !== undefined) resource["metadata"].namespace = found.namespace;
    for (const image of found.images ?? []) renameImage(resource, image);
  }
  return patched;
}

/** The documents of a YAML text. Throws the first fault or warning. */
export function readDocuments(text: string): Resource[] {
  return parseAllDocuments(text).map((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw fault;
    return document.toJS() as Resource;
  });
}

export function readKustomization(folder: string): Kustomization {
  const found = parse(readFileSync(path.join(folder, "kustomization.yaml"), "utf8")) as Kustomization;
  const unknown = Object.keys(found).filter((field) => !KNOWN.includes(field));
  if (unknown.length > 0) throw new Error(`${folder} uses ${unknown.join(", ")}, which this renderer does not know`);
  return found;
}

function readResource(place: string): Resource[] {
  return existsSync(path.join(place, "kustomization.yaml")) ? renderFolder(place) : readDocuments(readFileSync(place, "utf8"));
}

function applyPatch(
  resources: readonly Resource[],
  { path: file, patch, target }: NonNullable<Kustomization["patches"]>[number],
  folder: string,
): Resource[] {
  const [change] = readDocuments(file === undefined ? (patch ?? "") : readFileSync(path.join(folder, file), "utf8"));
  if (change === undefined) throw new Error(`an empty patch in ${folder}`);
  const isTarget = (one: Resource): boolean =>
    target === undefined ? isNamed(one, { kind: change["kind"], name: change["metadata"].name }) : one["kind"] === target.kind;
  const targets = resources.filter(isTarget);
  if (targets.length === 0) throw new Error(`a patch of ${folder} changes nothing: ${change["kind"]} ${change["metadata"].name}`);
  if (change[DIRECTIVE] === "delete") return resources.filter((one) => !targets.includes(one));
  return resources.map((one) => (targets.includes(one) ? (merge(one, change) as Resource) : one));
}

/** A strategic merge: `null` deletes a field, lists with a key are merged member by member, those of the change first. */
function merge(old: unknown, change: unknown, field = ""): unknown {
  if (Array.isArray(change)) return Array.isArray(old) ? mergeLists(old, change, field) : change;
  if (!isObject(change)) return change;
  const merged: Resource = isObject(old) ? { ...old } : {};
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value, name);
  }
  return merged;
}

function mergeLists(old: readonly unknown[], change: readonly unknown[], field: string): unknown[] {
  const key =
    MERGE_KEYS[field] ?? (field === "ports" ? PORT_KEYS.find((name) => [...old, ...change].every((one) => keyOf(one, name))) : undefined);
  if (key === undefined) return [...change];
  const named = (list: readonly unknown[], one: unknown): unknown => list.find((other) => keyOf(other, key) === keyOf(one, key));
  const unchanged = old.filter((one) => named(change, one) === undefined);
  return [...change.map((one) => merge(named(old, one), one)), ...unchanged];
}

const isObject = (value: unknown): value is Resource => typeof value === "object" && value !== null && !Array.isArray(value);
const keyOf = (member: unknown, key: string): unknown => (isObject(member) ? member[key] : undefined);
const isNamed = (one: Resource, { kind, name }: Selected): boolean => one["kind"] === kind && one["metadata"].name === name;

function renameImage(resource: Resource, { name, newName = name, newTag }: NonNullable<Kustomization["images"]>[number]): void {
  for (const container of resource["spec"]?.template?.spec?.containers ?? []) {
    const [found, tag] = (container.image as string).split(":");
    if (found === name) container.image = `${newName}:${newTag ?? tag}`;
  }
}

function replace(resources: readonly Resource[], { source, targets }: Replacement): void {
  const { delimiter, index } = source.options;
  const from = resources.find((one) => isNamed(one, source));
  const text = (valueAt(from, source.fieldPath) as string).split(delimiter)[index];
  for (const { select, fieldPaths } of targets) {
    for (const fieldPath of fieldPaths) {
      const [, parent = "", last = ""] = /^(.*)\.([^.]+)$/.exec(fieldPath) ?? [];
      const holder = valueAt(
        resources.find((one) => isNamed(one, select)),
        parent,
      ) as Resource;
      holder[last] = text;
    }
  }
}

function valueAt(resource: unknown, fieldPath: string): unknown {
  return fieldPath.split(".").reduce<unknown>((value, name) => (value as Resource)[name], resource);
}
