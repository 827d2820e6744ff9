import { createHash } from "node:crypto";

/** A digest over the rows of a table, as texts. */
export interface RowDigest {
  add(cells: readonly unknown[]): void;
  end(): { readonly rows: number; readonly sha256: string };
}

/** `isOrdered`: the order of the rows counts. Otherwise none is assumed: a database returns rows in any. */
export function createRowDigest(isOrdered: boolean): RowDigest {
  const whole = createHash("sha256");
  let sum = 0n;
  let rows = 0;
  return {
    add(cells) {
      rows += 1;
      const line = `${JSON.stringify(cells.map((cell) => (cell === null ? null : String(cell as string | number | boolean))))}\n`;
      if (isOrdered) whole.update(line);
      else sum += BigInt(`0x${createHash("sha256").update(line).digest("hex")}`);
    },
    end: () => ({ rows, sha256: (isOrdered ? whole : whole.update(`${sum}`)).digest("hex") }),
  };
}
