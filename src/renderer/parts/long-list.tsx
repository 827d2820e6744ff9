import { Fragment, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ListPart } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import { Action } from "./button.tsx";
import { ProblemLine } from "./problem-line.tsx";

const TYPING_PAUSE_MS = 300;
/** The server's limit. */
const MAX_SEARCH_LENGTH = 200;

export interface Search {
  readonly typed: string;
  readonly type: (text: string) => void;
  /** The text to search for: the typed text before the last pause. */
  readonly text: string;
}

/** For a list that the server searches: keys in quick succession are one request. */
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
  /** The list's name. */
  readonly label: string;
  readonly rows?: "ul" | "ol" | "div";
  /** How many the whole list has, where that is known. */
  readonly total?: number | undefined;
  /** Shown once there is more than one page. */
  readonly search?: Search;
  readonly searchLabel?: string;
}

/** The first page of a list, with a button for the next ones and a search in the whole list. */
export function LongList<Item>(props: LongListProps<Item>): ReactNode {
  const { list, idOf, children, label, rows: Rows = "ul", total, search, searchLabel } = props;
  const { items, hasMore } = list;
  const { t } = useTranslation();
  const rows = useRef<HTMLElement>(null);
  const moreButton = useRef<HTMLButtonElement>(null);
  const [isReading, setReading] = useState(false);
  // The search stays when the list gets shorter: somebody may be typing in it.
  const [isSearchable, setSearchable] = useState(false);
  if (search && hasMore && !isSearchable) setSearchable(true);
  const count = items.length;
  const isWhole = total === undefined || (search !== undefined && search.text !== "");
  const shown = isWhole ? t("list.shown", { count }) : t("list.shownOf", { count, total });
  const focusNextRows = useFocusOnNewRows(items.map(idOf), rows, moreButton, shown);
  const readMore = async (): Promise<void> => {
    focusNextRows();
    setReading(true);
    await list.readMore();
    setReading(false);
  };

  return (
    <>
      {search && isSearchable ? <ListSearch search={search} label={searchLabel} list={list} /> : null}
      {count > 0 ? (
        <Rows
          className={Rows === "div" ? undefined : "rows"}
          aria-label={Rows === "div" ? undefined : label}
          aria-busy={list.isStale}
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

/** Returns a function that is called before more rows are read: the first new row takes the focus, and the new count is announced. */
function useFocusOnNewRows(
  ids: readonly string[],
  rows: RefObject<HTMLElement | null>,
  moreButton: RefObject<HTMLButtonElement | null>,
  shown: string,
): () => void {
  const { notices } = usePageState();
  /** The last row before more were read: the new rows follow it, whatever changes elsewhere meanwhile. */
  const lastRow = useRef<string>(undefined);
  useEffect(() => {
    if (lastRow.current === undefined) return;
    const place = ids.indexOf(lastRow.current);
    const first = place < 0 ? undefined : rows.current?.children[place + 1];
    if (!(first instanceof HTMLElement)) return;
    lastRow.current = undefined;
    notices.say("unseen", shown);
    // The focus stays where the person has moved it meanwhile.
    if (document.activeElement !== moreButton.current && document.activeElement !== document.body) return;
    focusRow(first);
  }, [ids, rows, moreButton, notices, shown]);
  return () => {
    lastRow.current = ids.at(-1);
  };
}

function focusRow(row: HTMLElement): void {
  const choice = row.querySelector<HTMLElement>("input[type=radio]");
  if (!choice) row.tabIndex = -1;
  (choice ?? row).focus();
}

interface ListSearchProps {
  readonly search: Search;
  readonly label: string | undefined;
  readonly list: ListPart<unknown>;
}

function ListSearch({ search, label, list }: ListSearchProps): ReactNode {
  const { t } = useTranslation();
  const field = useId();
  const count = list.items.length;
  const found =
    count === 0 ? t("list.none", { text: search.text }) : list.hasMore ? t("list.foundFirst", { count }) : t("list.found", { count });
  return (
    <div className="list-search">
      <label htmlFor={field}>{label}</label>
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
        {search.text === "" || list.isStale || list.isPending ? "" : found}
      </p>
    </div>
  );
}
