/** Refs: what history carries instead of bytes. A dataset's or a model's ref is typed by its rows. @module */
import { z } from 'zod';
import { Column, columnsOf, type RowSchema } from './columns.js';

/** A sha256 digest, lower-case hexadecimal. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256 digest');

/** Immutable bytes in the artifact store, by digest. `uri` is relative to the store: a store that moves keeps its refs. */
export const Ref = z.object({ uri: z.string(), sha256: Sha256, sizeBytes: z.int().nonnegative() });
export type Ref = z.output<typeof Ref>;

declare const rowType: unique symbol;
declare const signature: unique symbol;

const AnyDatasetRef = Ref.extend({
  kind: z.literal('dataset'),
  rows: z.int().nonnegative(),
  columns: z.array(Column),
  /** Rows in each split, by its name; a dataset without declared splits has none. */
  splits: z.record(z.string(), z.int().nonnegative()),
});

/** A table in the artifact store: the digest is that of its manifest, which names the Parquet files. */
export type DatasetRef<Row = unknown> = z.output<typeof AnyDatasetRef> & { readonly [rowType]?: Row };

/** A ref to whatever model. */
export const AnyModelRef = Ref.extend({
  kind: z.literal('model'),
  /** Columns that the model must be given, and those that it answers with. */
  inputs: z.array(Column),
  outputs: z.array(Column),
});

/** A trained model in the artifact store: the digest is that of its manifest, which names the ONNX graph. */
export type ModelRef<Input = never, Output = unknown> = z.output<typeof AnyModelRef> & {
  readonly [signature]?: (input: Input) => Output;
};

const AnyReportRef = Ref.extend({ kind: z.literal('report') });

/** A JSON report in the artifact store. */
export type ReportRef<Report = unknown> = z.output<typeof AnyReportRef> & { readonly [rowType]?: Report };

/** A ref to a list of whatever items. */
export const AnyListRef = Ref.extend({ kind: z.literal('list'), count: z.int().nonnegative() });

/** Any number of JSON values in the artifact store: the digest is that of a manifest, which names their parts. */
export type ListRef<Item = unknown> = z.output<typeof AnyListRef> & { readonly [rowType]?: Item };

export const DatasetRef = {
  /** A schema of refs to datasets that have at least the columns of `row`; a missing one is a contract violation. */
  of<Row extends RowSchema>(row: Row): z.ZodType<DatasetRef<z.output<Row>>, DatasetRef<z.output<Row>>> {
    const schema = AnyDatasetRef.superRefine((ref, context) => {
      refuseMissing(columnsOf(row), ref.columns, 'the dataset lacks', context);
    });
    // Both type arguments: with one, z.input is unknown and every promised compile error vanishes.
    return schema;
  },
};

export const ModelRef = {
  /** A schema of refs to models that need no more than the columns of `input` and answer with those of `output`. */
  of<Input extends RowSchema, Output extends RowSchema>(contract: {
    readonly input: Input;
    readonly output: Output;
  }): z.ZodType<ModelRef<z.output<Input>, z.output<Output>>, ModelRef<z.output<Input>, z.output<Output>>> {
    const schema = AnyModelRef.superRefine((ref, context) => {
      refuseMissing(ref.inputs, columnsOf(contract.input), 'the rows lack, which the model needs,', context);
      refuseMissing(columnsOf(contract.output), ref.outputs, 'the model does not answer', context);
    });
    return schema;
  },
};

export const ReportRef = {
  /** A schema of refs to JSON reports; the report's own schema is checked when it is read. */
  of<Report extends z.ZodType>(_report: Report): z.ZodType<ReportRef<z.output<Report>>, ReportRef<z.output<Report>>> {
    return AnyReportRef;
  },
};

export const ListRef = {
  /** A schema of refs to lists; each item is checked where it is used. */
  of<Item extends z.ZodType>(_item: Item): z.ZodType<ListRef<z.output<Item>>, ListRef<z.output<Item>>> {
    return AnyListRef;
  },
};

function refuseMissing(
  needed: readonly Column[],
  present: readonly Column[],
  what: string,
  context: z.RefinementCtx,
): void {
  const types = new Map(present.map(({ name, type }) => [name, type]));
  const compatible = (need: Column, have: Column['type']) =>
    have === need.type || (need.type === 'number' && have === 'integer');
  const missing = needed.filter((column) => {
    const have = types.get(column.name);
    return have === undefined ? !column.nullable : !compatible(column, have);
  });
  if (missing.length > 0)
    context.addIssue({
      code: 'custom',
      path: ['columns'],
      message: `${what} ${missing.map(({ name, type }) => `${name} (${type})`).join(', ')}`,
    });
}
