import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { usePageState } from "../data/page-state.ts";
import { StartFailed } from "./start-failed.tsx";

/** In Electron the server may not have started: then what to do about it is shown instead of the page. */
export function Desktop({ children }: { readonly children: ReactNode }): ReactNode {
  const { connection } = usePageState();
  const { desktop } = connection;
  const { data } = useQuery({
    queryKey: ["server-state"],
    queryFn: async () => desktop?.serverState({}) ?? { kind: "running" as const },
  });
  return data?.kind === "failed" && desktop ? <StartFailed failure={data} desktop={desktop} /> : children;
}
