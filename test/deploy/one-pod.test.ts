import { describe, expect, it } from "vitest";
import { manifestsIn, ONE_POD } from "./manifests.ts";

describe.each(Object.entries(ONE_POD))("%s", (_, place) => {
  const { all, only, deployment, pod } = manifestsIn(place);

  it("runs one pod, which is gone before the next one starts", () => {
    expect(deployment["spec"]).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect([...all("HorizontalPodAutoscaler"), ...all("Job")]).toEqual([]);
    // The server stops within five seconds.
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(5);
  });

  it("keeps its records on a claim that no other pod can have at the same time", () => {
    const claim = only("PersistentVolumeClaim");
    expect(claim["spec"].accessModes).toEqual(["ReadWriteOncePod"]);
    expect(pod.spec.volumes).toEqual([
      { name: "data", persistentVolumeClaim: { claimName: claim["metadata"].name } },
      { name: "tmp", emptyDir: expect.any(Object) },
    ]);
  });
});
