import { useState } from "react";
import { flushSync } from "react-dom";
import { useOpenedPlaces } from "../data/page-state.ts";

export interface Pairing {
  /** The form that pairs a phone is shown. */
  readonly isOpen: boolean;
  /** It can be closed: there is something else to see. */
  readonly canClose: boolean;
  readonly open: () => void;
  readonly close: () => void;
}

/** Whether the form that pairs a phone is shown: while there is no phone yet, and when it is asked for. */
export function usePairing(isEmpty: boolean | undefined): Pairing {
  const [asked, setAsked] = useState(false);
  useOpenedPlaces((place) => {
    // An element has to be visible before it takes the focus.
    if (place === "pair" || place === "qr") flushSync(() => setAsked(true));
  });
  return {
    isOpen: asked || isEmpty === true,
    canClose: isEmpty === false,
    open: () => setAsked(true),
    close: () => setAsked(false),
  };
}
