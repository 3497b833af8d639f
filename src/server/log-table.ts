/** A file of rows or labels or of what listened, as they were written down one a line, as the table of its segment. @module */
import { readFileSync } from 'node:fs';
import { ListenedRow, LoggedLabel, LoggedRow } from '../records/log-tables.js';
import { type LogKind, segmentTable, type SegmentTable } from '../records/request-log.js';

const schemas = { requests: LoggedRow, labels: LoggedLabel, listened: ListenedRow };

/** Undefined where not one line is whole. */
export function logTable(kind: LogKind, path: string): SegmentTable | undefined {
  const schema = schemas[kind];
  // A last line without an end was cut by the end of its process, and its request never answered.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const rows = lines.flatMap((line) => {
    try {
      return [schema.parse(JSON.parse(line))];
    } catch {
      return []; // cut by a disk that was full
    }
  });
  return rows.length === 0 ? undefined : segmentTable(kind, rows);
}
