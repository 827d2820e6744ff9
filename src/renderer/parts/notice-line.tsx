import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { NoticePlace } from "../data/notices.ts";
import { useNotice, usePageState } from "../data/page-state.ts";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface NoticeLineProps {
  readonly place: Exclude<NoticePlace, "unseen">;
  /** What belongs to the notice and is not announced with it. */
  readonly children?: ReactNode;
}

/** The live region is always there, so that what enters it is announced. */
export function NoticeLine({ place, children }: NoticeLineProps): ReactNode {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const notice = useNotice(place);
  return (
    <div className={notice ? `notice ${notice.tone}` : "notice nothing"}>
      <div role="status">
        {notice ? (
          <p key={notice.id}>
            <Icon name={notice.tone === "check" ? "warning" : "pass"} />
            <span>{notice.text}</span>
          </p>
        ) : null}
      </div>
      {notice ? children : null}
      {notice ? (
        <Action
          variant="quiet"
          className="small"
          aria-label={t("page.dismiss")}
          title={t("page.dismiss")}
          onClick={() => notices.clear(place)}
        >
          <Icon name="close" />
        </Action>
      ) : null}
    </div>
  );
}

/** For what the eye sees anyway. */
export function UnseenNotice(): ReactNode {
  const notice = useNotice("unseen");
  return (
    <div role="status" className="unseen">
      {notice ? <span key={notice.id}>{notice.text}</span> : null}
    </div>
  );
}
