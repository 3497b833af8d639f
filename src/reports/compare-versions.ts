/** Versions of a model side by side: metrics, latency, parameters, data and where they come from. @module */
import { betterOf } from './better.js';
import { columnWords, dateOf, shortDigest } from './words.js';
import type { VersionFacts } from './version-facts.js';

/** One figure of each version; null where a version has none. */
export interface ComparedRow {
  readonly name: string;
  readonly values: readonly (number | string | boolean | null)[];
  /** Which is better; undefined where nobody can say. */
  readonly better?: 'higher' | 'lower';
}

/** Rows about one thing. */
export interface ComparedGroup {
  readonly title: string;
  readonly rows: readonly ComparedRow[];
}

/** Versions, in the order in which they were asked for, and their rows. */
export interface Comparison {
  readonly model: string;
  readonly versions: readonly {
    readonly version: number;
    readonly aliases: readonly string[];
    readonly archived: boolean;
  }[];
  readonly groups: readonly ComparedGroup[];
}

/** Lays versions side by side; groups without a row are left out. */
export function compareVersions(versions: readonly VersionFacts[]): Comparison {
  const groups: ComparedGroup[] = [
    { title: 'metrics', rows: rowsOf(versions, ({ details }) => details.metrics, betterOf) },
    {
      title: 'latency, ms',
      rows: rowsOf(
        versions,
        ({ details }) => ({ ...details.latencyMs }),
        () => 'lower',
      ),
    },
    { title: 'parameters', rows: rowsOf(versions, ({ parameters }) => parameters) },
    { title: 'data', rows: rowsOf(versions, dataOf) },
    { title: 'version', rows: rowsOf(versions, originOf, (name) => (name === 'size, bytes' ? 'lower' : undefined)) },
  ];
  return {
    model: versions[0]?.model ?? '',
    versions: versions.map(({ version, aliases, archived }) => ({ version, aliases, archived })),
    groups: groups.filter(({ rows }) => rows.length > 0),
  };
}

/** The best of a row's numbers; undefined where none is better, or where all are alike. */
export function bestOf({ values, better }: ComparedRow): number | undefined {
  const numbers = values.filter((value) => typeof value === 'number');
  if (better === undefined || new Set(numbers).size < 2) return undefined;
  return better === 'higher' ? Math.max(...numbers) : Math.min(...numbers);
}

type Cells = Readonly<Record<string, number | string | boolean | null | undefined>>;

function rowsOf(
  versions: readonly VersionFacts[],
  cellsOf: (version: VersionFacts) => Cells,
  better: (name: string) => ComparedRow['better'] = () => undefined,
): ComparedRow[] {
  const cells = versions.map(cellsOf);
  const names = new Set(cells.flatMap((one) => Object.keys(one)));
  return [...names].map((name) => {
    const direction = better(name);
    const values = cells.map((one) => one[name] ?? null);
    return { name, values, ...(direction !== undefined && { better: direction }) };
  });
}

function dataOf({ datasets }: VersionFacts): Cells {
  const cells: Record<string, number | string> = {};
  for (const [part, { sha256, rows }] of Object.entries(datasets)) {
    cells[part] = shortDigest(sha256);
    if (rows !== undefined) cells[`${part}, rows`] = rows;
  }
  return cells;
}

function originOf({ details, registered, sizeBytes }: VersionFacts): Cells {
  return {
    model: shortDigest(details.model.sha256),
    'size, bytes': sizeBytes,
    inputs: details.signature && columnWords(details.signature.inputs),
    outputs: details.signature && columnWords(details.signature.outputs),
    licence: details.licence,
    run: details.run?.workflowId,
    registered: dateOf(registered.at),
    by: registered.by.name,
  };
}
