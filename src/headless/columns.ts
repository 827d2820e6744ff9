import stringWidth from "string-width";

/** Pads `text` to `width` terminal cells: a Chinese character or an emoji takes two, a combining mark none. */
export function padCells(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}

/** The width of the widest text, in terminal cells. */
export function widestOf(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => stringWidth(text)));
}

/** One line for each row, its columns below one another. */
export function inColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => widestOf(rows.map((row) => row[column] ?? "")));
  return rows
    .map((row) =>
      row
        .map((cell, column) => padCells(cell, widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
