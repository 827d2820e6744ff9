import { QueryClient } from "@tanstack/react-query";
import { asksForToken, gotNoAnswer } from "./rejection.ts";

/** A query whose answer was lost is repeated: the change event that caused it comes only once. */
const MAX_RETRIES = 3;
const RETRY_DELAY_MS = 1000;

/** The page talks to its own computer, so React Query must not wait for a network. */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        retry: (before, thrown) => before < MAX_RETRIES && gotNoAnswer(thrown),
        retryDelay: RETRY_DELAY_MS,
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: {
        networkMode: "always",
        retry: false,
        onError(thrown) {
          if (asksForToken(thrown)) void client.invalidateQueries();
        },
      },
    },
  });
  return client;
}
