import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { messageOf } from "../../base/message-of.ts";
import { usePageState } from "../data/page-state.ts";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { NotLoadedError } from "./on-demand.tsx";

interface BoundaryProps {
  /** Called with what was thrown and a function that renders the children again. */
  readonly fallback: (thrown: unknown, retry: () => void) => ReactNode;
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly caught?: { readonly thrown: unknown } | undefined;
}

// React offers error boundaries as classes only.
class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = {};

  static getDerivedStateFromError(thrown: unknown): BoundaryState {
    return { caught: { thrown } };
  }

  override render(): ReactNode {
    const { caught } = this.state;
    return caught ? this.props.fallback(caught.thrown, () => this.setState({ caught: undefined })) : this.props.children;
  }
}

interface CardBoundaryProps {
  /** What the card is called on the page. */
  readonly name: string;
  readonly children: ReactNode;
}

/** An error in this card leaves the rest of the page as it is. */
export function CardBoundary({ name, children }: CardBoundaryProps): ReactNode {
  return <Boundary fallback={(thrown, retry) => <BrokenCard name={name} thrown={thrown} onRetry={retry} />}>{children}</Boundary>;
}

/** An error outside of the cards is shown in place of the page. */
export function PageBoundary({ children }: { readonly children: ReactNode }): ReactNode {
  return <Boundary fallback={(thrown) => <BrokenPage thrown={thrown} />}>{children}</Boundary>;
}

interface BrokenCardProps {
  readonly name: string;
  readonly thrown: unknown;
  readonly onRetry: () => void;
}

function BrokenCard({ name, thrown, onRetry }: BrokenCardProps): ReactNode {
  const { t } = useTranslation();
  const { client } = usePageState();
  const retry = (): void => {
    // What the card had read may be the reason: it reads that again.
    client.removeQueries({ type: "inactive" });
    onRetry();
  };
  return (
    <section className="card" aria-label={name}>
      <div className="problem" role="alert">
        <Icon name="error" />
        <div className="problem-text">
          <p>{t(thrown instanceof NotLoadedError ? "broken.notLoaded" : "broken.card", { name })}</p>
          <p className="quiet-text">{t("broken.error", { message: messageOf(thrown) })}</p>
          <div className="actions">
            <Action variant="primary" onClick={() => window.location.reload()}>
              {t("broken.reload")}
            </Action>
            <Action onClick={retry}>{t("page.retry")}</Action>
          </div>
        </div>
      </div>
    </section>
  );
}

function BrokenPage({ thrown }: { readonly thrown: unknown }): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="frame-less">
      <header>
        <h1>{t("page.title")}</h1>
      </header>
      <main>
        <section className="card gate" aria-label={t("page.failed")}>
          <div role="alert">
            <p>{t("broken.page")}</p>
            <p className="quiet-text">{t("broken.error", { message: messageOf(thrown) })}</p>
          </div>
          <Action variant="primary" onClick={() => window.location.reload()}>
            {t("broken.reload")}
          </Action>
        </section>
      </main>
    </div>
  );
}
