import { type ReactNode, useEffect, useState } from "react";
import type { WindowBridge } from "../contract/pairing-api.ts";
import { createPageState } from "./data/page-state.ts";
import { PageRoot } from "./page/page-root.tsx";
import { connectToWindow } from "./transport/electron.ts";
import { showIn, wantedLanguage } from "./words/words.ts";

/**
 * The settings page as a panel, for a view that is a document of its own (its style sheet, `topdog-phone/renderer.css`, is meant for
 * the whole of it). `bridge` is what `topdog-phone/preload` puts into the window as `topdog`; the same one for the panel's whole life.
 */
export function PhonePairingPanel({ bridge }: { readonly bridge: WindowBridge }): ReactNode {
  const [pageState] = useState(() => createPageState(connectToWindow(bridge)));
  const [hasWords, setHasWords] = useState(false);
  useEffect(() => void showIn(wantedLanguage()).then(() => setHasWords(true)), []);
  useEffect(() => {
    pageState.connection.onOpen(pageState.places.open);
    pageState.connection.ready();
  }, [pageState]);
  return hasWords ? <PageRoot pageState={pageState} /> : null;
}
