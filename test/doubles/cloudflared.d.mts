export function readRuns(notes: string): unknown[];
