/**
 * Sends a message with optional parameters. When the provider refuses one of them, nothing was sent: `leave` notes that, and the message
 * is sent once more without it. Each is left out once.
 */
export async function sendWithoutRefused<Option extends string, Answer>(
  options: Map<Option, unknown>,
  send: () => Promise<Answer>,
  refusedIn: (thrown: unknown) => Option | undefined,
  leave: (option: Option) => void,
): Promise<Answer> {
  try {
    return await send();
  } catch (thrown) {
    const option = refusedIn(thrown);
    if (option === undefined || !options.delete(option)) throw thrown;
    leave(option);
    return sendWithoutRefused(options, send, refusedIn, leave);
  }
}
