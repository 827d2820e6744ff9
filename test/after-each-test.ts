/** What ends after every test, from all files that a worker has imported so far. */
export const hooks: (() => Promise<void> | void)[] = [];

/**
 * For helpers, in place of Vitest's `afterEach` at their top: one worker runs many test files and imports a helper once, so a hook there
 * would serve the first of those files only.
 */
export function afterEachTest(hook: () => Promise<void> | void): void {
  hooks.push(hook);
}

/** What ends after every test file, likewise. */
export const fileHooks: (() => Promise<void> | void)[] = [];

export function afterEachFile(hook: () => Promise<void> | void): void {
  fileHooks.push(hook);
}
