import type { ReactNode } from "react";

/** The product's mark. */
export function Dog(): ReactNode {
  return (
    <svg className="dog" viewBox="0 0 64 64" aria-hidden="true">
      <rect className="dog-ground" width="64" height="64" rx="15" />
      <path d="M15 15q6-3 12 4h10q6-7 12-4 3 9-2 17c1 11-6 18-15 18s-16-7-15-18q-5-8-2-17" />
      <g className="dog-ground">
        <circle cx="25.5" cy="30" r="2.6" />
        <circle cx="38.5" cy="30" r="2.6" />
        <ellipse cx="32" cy="39.5" rx="4.2" ry="2.9" />
      </g>
    </svg>
  );
}
