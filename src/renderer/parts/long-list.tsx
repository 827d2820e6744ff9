import { Fragment, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ListPart } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import { Action } from "./button.tsx";
import { ProblemLine } from "./problem-line.tsx";

const TYPING_PAUSE_MS = 300;
/** What the server takes. */
const MAX_SEARCH_LENGTH = 200;

export interface Search {
  readonly typed: string;
  readonly type: (text: string) => void;
  /** What is searched for: what was typed before the last pause. */
  readonly text: string;
}

/** For a list that is searched by the server: keys in quick succession are one question. */
export function useSearch(): Search {
  const [typed, type] = useState("");
  const [text, setText] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setText(typed.trim()), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);
  return { typed, type, text };
}

interface LongListProps<Item> {
  readonly list: ListPart<Item>;
  readonly idOf: (item: Item) => string;
  /** One element for each item. */
  readonly children: (item: Item) => ReactNode;
  /** What the list is called. */
  readonly label: string;
  readonly rows?: "ul" | "ol" | "div";
  /** How many the whole list has, where that is known. */
  readonly total?: number | undefined;
  /** Offered once there is more than one page. */
  readonly search?: Search;
  readonly searchLabel?: string;
}

/** The first page of a list; the next ones when somebody asks for them, and what a search finds in the whole of it. */
export function LongList<Item>(props: LongListProps<Item>): ReactNode {
  const { list, idOf, children, label, rows: Rows = "ul", total, search, searchLabel } = props;
  const { items, hasMore, isStale } = list;
  const { t } = useTranslation();
  const { notices } = usePageState();
  const field = useId();
  const rows = useRef<HTMLElement>(null);
  const moreButton = useRef<HTMLButtonElement>(null);
  /** The last row when more were asked for: those that are new follow it, whatever comes and goes elsewhere meanwhile. */
  const lastRow = useRef<string>(undefined);
  const [isReading, setReading] = useState(false);
  // It stays when the list gets shorter: somebody may be typing in it.
  const [isSearchable, setSearchable] = useState(false);
  if (search && hasMore && !isSearchable) setSearchable(true);
  const searching = search !== undefined && search.text !== "";
  const count = items.length;
  const shown = total === undefined || searching ? t("list.shown", { count }) : t("list.shownOf", { count, total });

  useEffect(() => {
    if (lastRow.current === undefined) return;
    const place = items.findIndex((item) => idOf(item) === lastRow.current);
    const first = place < 0 ? undefined : rows.current?.children[place + 1];
    if (!(first instanceof HTMLElement)) return;
    lastRow.current = undefined;
    notices.say("unseen", shown);
    // Whoever has gone on to something else meanwhile is left there.
    if (document.activeElement !== moreButton.current && document.activeElement !== document.body) return;
    const choice = first.querySelector<HTMLElement>("input[type=radio]");
    if (!choice) first.tabIndex = -1;
    (choice ?? first).focus();
  }, [items, idOf, notices, shown]);

  const readMore = async (): Promise<void> => {
    const last = items.at(-1);
    lastRow.current = last && idOf(last);
    setReading(true);
    await list.readMore();
    setReading(false);
  };

  return (
    <>
      {search && isSearchable ? (
        <div className="list-search">
          <label htmlFor={field}>{searchLabel}</label>
          <input
            id={field}
            type="search"
            value={search.typed}
            maxLength={MAX_SEARCH_LENGTH}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => search.type(event.target.value)}
          />
          <p role="status" className="quiet-text">
            {!searching || isStale || list.isPending
              ? ""
              : count === 0
                ? t("list.none", { text: search.text })
                : hasMore
                  ? t("list.foundFirst", { count })
                  : t("list.found", { count })}
          </p>
        </div>
      ) : null}
      {count > 0 ? (
        <Rows
          className={Rows === "div" ? undefined : "rows"}
          aria-label={Rows === "div" ? undefined : label}
          aria-busy={isStale}
          ref={(element: HTMLElement | null) => {
            rows.current = element;
          }}
        >
          {items.map((item) => (
            <Fragment key={idOf(item)}>{children(item)}</Fragment>
          ))}
        </Rows>
      ) : null}
      {list.moreError ? <ProblemLine thrown={list.moreError} /> : null}
      {hasMore ? (
        <div className="list-more">
          <Action
            ref={moreButton}
            busy={isReading}
            aria-label={t("list.about", { action: t("list.more"), list: label })}
            onClick={() => void readMore()}
          >
            {t(isReading ? "page.loading" : "list.more")}
          </Action>
          <span className="quiet-text">{shown}</span>
        </div>
      ) : null}
    </>
  );
}
