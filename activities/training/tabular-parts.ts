/** From a stage's input and a first look at the rows to the parts of a tabular training. @module */
import { TrainyardError } from '../../src/contracts/errors.js';
import type { Column } from '../../src/contracts/columns.js';
import type { TrainTabularInput, TrainTabularSettings } from '../../src/stages/train-tabular.js';
import type { NumberColumn, Preprocessing } from '../../src/training/preprocessing.js';
import { constantRate, cosineRate, type Schedule, warmUp } from '../../src/training/schedules.js';
import type { Head } from '../../src/training/tabular-model.js';
import type { Survey, TabularTable } from '../../src/training/tabular-rows.js';

/** Which rows and columns the input names. @throws TY1005 the dataset lacks a column */
export function tableOf(input: TrainTabularInput): TabularTable {
  const { dataset, features, target, trainSplit, validationSplit, validationShare, holdOut } = input;
  const column = (name: string): Column => {
    const found = dataset.columns.find((one) => one.name === name);
    if (!found) throw new TrainyardError('TY1005', `the dataset lacks the column ${name}`);
    return found;
  };
  const split = Object.keys(dataset.splits).length === 0 ? undefined : trainSplit;
  const columns = { features: features.map(column), target: column(target) };
  return { dataset, ...columns, split, validationSplit, validationShare, holdOut };
}

/** How the columns enter and what the output means. @throws TY2050 no row has a target */
export function fittedParts(
  { minWordCount, classWeights }: TrainTabularSettings,
  { target }: TabularTable,
  survey: Survey,
): { readonly preprocessing: Preprocessing; readonly head: Head } {
  if (survey.rows === 0)
    throw new TrainyardError('TY2050', `no row that is trained on has a value in the target "${target.name}"`);
  const { numbers, categories } = survey.fit.finish({ minWordCount });
  const isTarget = ({ column }: NumberColumn): boolean => column.name === target.name;
  const { mean, deviation } = numbers.find(isTarget) ?? { mean: 0, deviation: 1 };
  const preprocessing = { numbers: numbers.filter((number) => !isTarget(number)), categories };
  if (target.type === 'boolean') return { preprocessing, head: { task: 'classification', classWeights } };
  return { preprocessing, head: { task: 'regression', mean, deviation } };
}

export function scheduleOf({ rate, schedule, warmUp: share }: TrainTabularSettings, steps: number): Schedule {
  const rising = Math.round(share * steps);
  const after = schedule === 'constant' ? constantRate(rate) : cosineRate({ rate, steps: steps - rising });
  return rising > 0 ? warmUp({ steps: rising, after }) : after;
}
