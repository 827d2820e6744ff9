import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type Resource, readDocuments, readKustomization, renderFolder } from "./kustomize.ts";
import { FOLDER, hasKubectl, KUSTOMIZATIONS, PLACES } from "./manifests.ts";

describe("kustomize", () => {
  it.each(KUSTOMIZATIONS)("names every file of %s, and no other", (name) => {
    const folder = path.join(FOLDER, name);
    const { resources = [], patches = [] } = readKustomization(folder);
    const named = [...resources, ...patches.flatMap((patch) => patch.path ?? [])].filter((file) => !file.startsWith(".."));
    expect(named.sort()).toEqual(
      readdirSync(folder)
        .filter((file) => file !== "kustomization.yaml")
        .sort(),
    );
  });

  it.skipIf(!hasKubectl).each(Object.entries(PLACES))("makes of %s what the tests' own renderer makes", (_, { folder, components }) => {
    const inOrder = (resources: Resource[]): Resource[] => resources.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
    expect(inOrder(renderFolder(folder, components))).toEqual(inOrder(readDocuments(kubectl(folder, components))));
  });

  it("refuses what the tests' own renderer does not know", () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, "kustomization.yaml"), "namePrefix: a-\n");
    expect(() => renderFolder(folder)).toThrow("namePrefix");
    writeFileSync(
      path.join(folder, "kustomization.yaml"),
      stringify({
        resources: [path.relative(folder, path.join(FOLDER, "base"))],
        patches: [{ patch: "kind: Deployment\nmetadata: {name: misspelt}" }],
      }),
    );
    expect(() => renderFolder(folder)).toThrow("changes nothing: Deployment misspelt");
  });
});

/** kustomize follows no links. */
const temporaryFolder = (): string => realpathSync(mkdtempSync(path.join(tmpdir(), "topdog-kustomize-")));
const nameOf = ({ kind, metadata }: Resource): string => `${kind} ${metadata.name}`;

function kubectl(folder: string, components: readonly string[]): string {
  const top = temporaryFolder();
  const relative = (place: string): string => path.relative(top, place);
  writeFileSync(
    path.join(top, "kustomization.yaml"),
    stringify({
      resources: [relative(folder)],
      components: components.map((name) => relative(path.join(folder, name))),
      ...(components.length > 0 ? { namespace: readKustomization(folder).namespace } : {}),
    }),
  );
  const done = spawnSync("kubectl", ["kustomize", top], { encoding: "utf8" });
  expect(done.status, done.stderr).toBe(0);
  return done.stdout;
}
