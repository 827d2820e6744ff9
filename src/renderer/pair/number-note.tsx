import type { ReactNode } from "react";
import { formatPhoneNumberIntl } from "react-phone-number-input/min";
import type { Overview } from "../data/follow-invites.ts";
import { Icon } from "../parts/icon.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { ProviderDetails } from "../parts/provider-details.tsx";
import { numberIn } from "../parts/sentence.tsx";
import { MessageCost } from "./message-cost.tsx";
import type { NumberState } from "./use-number.ts";

interface NumberNoteProps {
  readonly number: NumberState;
  readonly overview: Overview;
}

/** Below the field: how the number is read, what the message costs, and what is wrong. */
export function NumberNote({ number: { verdict, preview }, overview }: NumberNoteProps): ReactNode {
  const charged = overview.sms_provider !== "mock";
  return (
    <div id="number-note" className="note">
      {verdict.kind === "wrong" ? (
        <div className="wrong with-icon">
          <Icon name="error" />
          <div>
            {verdict.sentence}
            <ProviderDetails details={verdict.details} />
          </div>
        </div>
      ) : preview === undefined ? null : (
        <>
          <IconText icon="comment" className="preview">
            {numberIn(charged ? "pair.preview" : "pair.previewMock", formatPhoneNumberIntl(preview))}
          </IconText>
          <MessageCost e164={preview} overview={overview} />
        </>
      )}
      {verdict.kind === "check" ? (
        <IconText icon="warning" className="check" role="alert">
          {verdict.sentence}
        </IconText>
      ) : null}
    </div>
  );
}
