import type { ReactNode } from "react";
import { Ltr } from "../parts/sentence.tsx";

export function AffectedFiles({ files }: { readonly files: readonly string[] }): ReactNode {
  return (
    <ul className="files">
      {files.map((file, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and may hold the same name twice
        <li key={place}>
          <Ltr>{file}</Ltr>
        </li>
      ))}
    </ul>
  );
}
