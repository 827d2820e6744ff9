import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import type { WindowBridge } from "../contract/pairing-api.ts";
import { createPageState, PageStateProvider } from "./data/page-state.ts";
import { Desktop } from "./desktop/desktop.tsx";
import { Page } from "./page/page.tsx";
import { PageFrame } from "./page/page-frame.tsx";
import { connectToWindow } from "./transport/electron.ts";
import "./page.css";

/**
 * The settings page as a panel, for a view that is a document of its own (its style sheet, `topdog-phone/renderer.css`, is meant for
 * the whole of it). `bridge` is what `topdog-phone/preload` puts into the window as `topdog`; the same one for the panel's whole life.
 */
export function PhonePairingPanel({ bridge }: { readonly bridge: WindowBridge }): ReactNode {
  const [{ connection, pageState }] = useState(() => {
    const made = connectToWindow(bridge);
    return { connection: made, pageState: createPageState(made) };
  });
  useEffect(() => {
    connection.onOpen(pageState.places.open);
    connection.ready();
  }, [connection, pageState]);
  return (
    <QueryClientProvider client={pageState.client}>
      <PageStateProvider value={pageState}>
        <PageFrame>
          <Desktop>
            <Page />
          </Desktop>
        </PageFrame>
      </PageStateProvider>
    </QueryClientProvider>
  );
}
