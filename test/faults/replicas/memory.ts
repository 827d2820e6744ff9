import type { Replica } from "./replicas.ts";

const EVERY_MS = 2000;

export interface MemoryUse {
  readonly name: string;
  /** Medians in MiB: of the samples after the first fifth of the run, as many as a fifth, and of the last fifth. */
  readonly early: number;
  readonly late: number;
}

/** Reads the resident memory of each server now and then. */
export function watchMemory(replicas: readonly Replica[]): { stop(): readonly MemoryUse[] } {
  const samples = replicas.map((): number[] => []);
  const timer = setInterval(() => {
    for (const [index, replica] of replicas.entries()) {
      const memory = replica.memory();
      if (memory !== undefined) samples[index]?.push(memory);
    }
  }, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return replicas.map(({ name }, index) => {
        const all = samples[index] ?? [];
        const fifth = Math.ceil(all.length / 5);
        return { name, early: median(all.slice(fifth, 2 * fifth)), late: median(all.slice(-fifth)) };
      });
    },
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
