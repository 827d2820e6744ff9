import { type RefObject, useState } from "react";
import { type Country, isSupportedCountry } from "react-phone-number-input/min";
import { present } from "../../base/present.ts";
import type { Overview } from "../data/follow-invites.ts";
import { usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { NOTHING, type Typed } from "./number-field.tsx";
import { localReading, NO_VERDICT, type Verdict, verdictOf } from "./verdict.ts";

/** The number in the field, and how the server reads it. */
export function useNumber(overview: Overview, field: RefObject<HTMLInputElement | null>) {
  const { connection } = usePageState();
  const [typed, setTyped] = useState<Typed>(NOTHING);
  const [home] = useState<Country | undefined>(() => (isSupportedCountry(overview.country) ? overview.country : undefined));
  const [country, setCountry] = useState(home);
  const [verdict, setVerdict] = useState<Verdict>(NO_VERDICT);

  const read = async (text: string): Promise<Verdict> => {
    const reading = await answerTo(connection.api.readPhoneNumber({ typed: text, ...present({ country }) }));
    return verdictOf(reading, localReading(typed));
  };
  return {
    typed,
    /** The country of numbers without a country code, until another one is chosen or typed. */
    home,
    verdict,
    /** The number as the page shows it before anything is sent. */
    preview: verdict.kind === "fine" || verdict.kind === "check" ? verdict.e164 : localReading(typed),
    type(next: Typed): void {
      setTyped(next);
      setVerdict(NO_VERDICT);
    },
    chooseCountry(next: Country | undefined): void {
      setCountry(next);
      setVerdict(NO_VERDICT);
    },
    setVerdict,
    clear(): void {
      setTyped(NOTHING);
      setVerdict(NO_VERDICT);
    },
    /** Asks the server how it reads a text. */
    read,
    /** Shows the server's verdict on a text, unless `isCurrent` says that it is out of date by then. */
    check(text: string, isCurrent: () => boolean): void {
      if (text === "" || !isCurrent()) return;
      read(text).then(
        (found) => {
          if (field.current?.value.trim() !== text || !isCurrent()) return;
          setVerdict(found);
          if (found.kind === "fine" || found.kind === "check")
            setTyped((now) => (now.verbatim === undefined ? now : { value: found.e164, verbatim: undefined }));
        },
        // The server is asked again before sending, and a failure is shown then.
        () => undefined,
      );
    },
  };
}

export type NumberState = ReturnType<typeof useNumber>;
