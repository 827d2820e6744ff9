import type { ReactNode } from "react";
import type { NoticePlace } from "../data/notices.ts";
import { useNotice, usePageState } from "../data/page-state.ts";
import { Dismiss } from "./dismiss.tsx";
import { IconText } from "./icon-text.tsx";

interface NoticeLineProps {
  readonly place: Exclude<NoticePlace, "unseen">;
  /** Shown with the notice, but not announced with it. */
  readonly children?: ReactNode;
}

/** The live region is always rendered, so that screen readers announce what is added to it. */
export function NoticeLine({ place, children }: NoticeLineProps): ReactNode {
  const { notices } = usePageState();
  const notice = useNotice(place);
  return (
    <div className={notice ? `notice ${notice.tone}` : "notice nothing"}>
      <div role="status">
        {notice ? (
          <IconText key={notice.id} icon={notice.tone === "check" ? "warning" : "pass"}>
            {notice.text}
          </IconText>
        ) : null}
      </div>
      {notice ? (
        <>
          {children}
          <Dismiss onDismiss={() => notices.clear(place)} />
        </>
      ) : null}
    </div>
  );
}

/** For screen readers, about what is visible anyway. */
export function UnseenNotice(): ReactNode {
  const notice = useNotice("unseen");
  return (
    <div role="status" className="unseen">
      {notice ? <span key={notice.id}>{notice.text}</span> : null}
    </div>
  );
}
