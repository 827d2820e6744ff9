/**
 * What `work` resolves or rejects with, or, if that takes longer than so many milliseconds, what `late` returns or throws. Work that is
 * late goes on, and nobody learns how it ends.
 */
export async function within<Item, Late>(milliseconds: number, work: Promise<Item>, late: () => Late): Promise<Item | Late> {
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    return await Promise.race([work, isOver.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
