import type { ReactNode, Ref } from "react";

interface FoldedCardProps {
  readonly name: string;
  readonly heading: string;
  readonly className?: string;
  /** Beside the heading, also while the card is folded. */
  readonly status?: string | undefined;
  readonly isWarning?: boolean;
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
  readonly summaryRef?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

export function FoldedCard(props: FoldedCardProps): ReactNode {
  const { name, heading, className = "", status, isWarning = false, open, onToggle, summaryRef, children } = props;
  return (
    <section className="card" aria-labelledby={`${name}-heading`}>
      <details className={`folded ${className}`} open={open} onToggle={(event) => onToggle(event.currentTarget.open)}>
        <summary ref={summaryRef}>
          <h2 id={`${name}-heading`}>{heading}</h2>
          {status === undefined ? null : <span className={isWarning ? "check" : undefined}> {status}</span>}
        </summary>
        {children}
      </details>
    </section>
  );
}
