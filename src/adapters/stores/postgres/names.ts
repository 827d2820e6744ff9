import type { RowNames } from "../../../core/store/index.ts";
import { columnText, deviceColumn } from "./columns.ts";

/** What the decisions of one transaction read, as columns, each in the order in which its rows are locked. */
export interface MergedNames {
  readonly codeHashes: readonly string[];
  readonly sessionIds: readonly string[];
  readonly texts: readonly string[];
  readonly devices: readonly string[];
  readonly endpoints: readonly string[];
  readonly handoffs: readonly string[];
  readonly messages: readonly string[];
  readonly approvals: readonly string[];
  readonly pendingApprovalsOf: readonly string[];
  /** The earliest moment that is asked for. */
  readonly claimDigits: number | undefined;
  readonly pendingInvites: readonly number[];
  readonly sends: readonly NonNullable<RowNames["sends"]>[];
  /** Code hashes of sessions whose texts' numbers are asked for. */
  readonly sendsOfSessions: readonly string[];
}

export function mergeNames(names: readonly RowNames[]): MergedNames {
  const texts = (of: (name: RowNames) => readonly string[] | undefined): readonly string[] =>
    [...new Set(names.flatMap((name) => (of(name) ?? []).map(columnText)))].sort();
  const claims = names.flatMap(({ claimDigits }) => (claimDigits === undefined ? [] : [claimDigits]));
  const one = (value: string | undefined): readonly string[] => (value === undefined ? [] : [value]);
  return {
    codeHashes: texts(({ sessions }) => sessions),
    sessionIds: texts(({ sessionIds }) => sessionIds),
    texts: texts((name) => name.texts),
    devices: [...new Set(names.flatMap(({ devices = [] }) => devices.map(deviceColumn)))].sort(),
    endpoints: texts(({ endpoint }) => one(endpoint)),
    handoffs: texts(({ handoff }) => one(handoff)),
    messages: texts(({ message }) => one(message)),
    approvals: texts(({ approval }) => one(approval)),
    pendingApprovalsOf: texts(({ pendingApprovalsOf }) => pendingApprovalsOf),
    claimDigits: claims.length === 0 ? undefined : Math.min(...claims),
    pendingInvites: [...new Set(names.flatMap(({ pendingInvites }) => (pendingInvites === undefined ? [] : [pendingInvites])))],
    sends: names.flatMap(({ sends }) => (sends ? [sends] : [])),
    sendsOfSessions: names.flatMap(({ sessions = [], sends }) => (sends && !sends.text ? sessions : [])),
  };
}
