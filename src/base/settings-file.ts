/** What the settings page saved about one thing: a file of the storage folder, or what servers of a database have in common. */
export interface SettingsFile<Saved extends object> {
  /** What was saved; `undefined` where nothing was. Throws when that cannot be known, and leaves the file as it is. */
  read(): Saved | undefined;
  /**
   * Changes what was saved last, here or by another server of the same database. Resolves with the outcome once that is durable, whole.
   * Rejects with what `change` throws, or with `storage_unavailable`.
   */
  update(change: (latest: Saved | undefined) => Saved): Promise<Saved>;
}

/**
 * Settings that servers have in common, except those that each has in a file of its own. Of the file's other names nothing is read, and
 * they stay as they are.
 */
export function splitSettings<Saved extends Readonly<Record<string, unknown>>>(
  common: SettingsFile<Saved>,
  own: SettingsFile<Saved>,
  isOwn: (name: string) => boolean,
): SettingsFile<Saved> {
  const part = (saved: Saved | undefined, isOfPart: (name: string) => boolean): Saved =>
    Object.fromEntries(Object.entries(saved ?? {}).filter(([name]) => isOfPart(name))) as Saved;
  const isCommon = (name: string): boolean => !isOwn(name);
  const together = (saved: Saved | undefined): Saved => ({ ...part(saved, isCommon), ...part(own.read(), isOwn) });
  return {
    read: () => together(common.read()),
    async update(change) {
      let next = together(undefined);
      await common.update((latest) => {
        next = change(together(latest));
        return part(next, isCommon);
      });
      const [before, after] = [part(own.read(), isOwn), part(next, isOwn)];
      if (JSON.stringify(before) !== JSON.stringify(after)) await own.update((latest) => ({ ...part(latest, isCommon), ...after }));
      return next;
    },
  };
}
