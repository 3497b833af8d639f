/** The loop of training: any step, any source of batches; validation, best weights, early stopping, resume. @module */
import { readFile } from 'node:fs/promises';
import { TrainyardError } from '../contracts/errors.js';
import { CheckpointClock } from './checkpoint-clock.js';
import { firstNotFinite } from './finite.js';
import { numericsDifferences } from './numerics.js';
import { decodeTensors, tensorPieces } from './tensor-file.js';
const firstState = {
  step: 0,
  position: { epoch: 0, group: 0, offset: 0 },
  window: { sum: 0, steps: 0 },
  best: null,
  validationsWithoutGain: 0,
  finished: false,
};
/**
 * Trains until the steps are done, the batches end or the validation gains nothing more, saving checkpoints on the way and
 * continuing from the newest: the weights are the same bytes as those of a loop that was never stopped. When the signal is
 * aborted it saves a checkpoint and throws the signal's reason.
 * @throws TY1510 the loss, its gradient or, at a checkpoint, a parameter is not finite: nothing is saved of that step, and the
 * attempt has `Diverged`
 * @example
 * const training = await createTrainStep({ network, loss: softmaxCrossEntropy(), optimiser: adam(), rate: constantRate(1e-3), seed });
 * const { best } = await trainLoop(context, { training, steps: 5000, batches: ({ position }) => digits(position) });
 */
export async function trainLoop(context, options) {
  const { training, validation, steps, reportEvery = Math.ceil(steps / 500) } = options;
  let { state, best } = await resumed(context, training);
  const clock = new CheckpointClock(options.checkpointEvery ?? { seconds: 2 }, state.step);
  const save = () =>
    clock.timed(state.step, () => {
      // The loss was of the weights before the last update.
      const odd = firstNotFinite(training.weights());
      if (odd !== undefined)
        throw new TrainyardError('TY1510', `after step ${state.step} values of ${odd} are not finite`);
      const files = { state: tensorPieces(training.state().tensors), ...(best && { best: tensorPieces(best) }) };
      return context.checkpoints.save(state, files, { numerics: { ...training.numerics } });
    });
  const record = ({ step, loss, gradNorm }) => {
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
      throw new TrainyardError('TY1510', `at step ${step} the loss is ${loss} and its gradient's norm ${gradNorm}`);
    const window = { sum: state.window.sum + loss, steps: state.window.steps + 1 };
    state = { ...state, window };
    if (step % reportEvery !== 0) return;
    context.track.metrics({ loss: window.sum / window.steps, gradNorm }, { step });
    context.progress(step, steps, 'steps');
    state = { ...state, window: { sum: 0, steps: 0 } };
  };
  const validate = async (on) => {
    const { objective, metrics } = await on.run();
    const { step } = state;
    context.track.metrics(metrics, { step });
    const gained = Number.isFinite(objective) && objective < (state.best?.objective ?? Infinity);
    if (gained) best = copied(training.weights());
    const validationsWithoutGain = gained ? 0 : state.validationsWithoutGain + 1;
    state = { ...state, validationsWithoutGain, finished: validationsWithoutGain >= (on.patience ?? Infinity) };
    if (gained) state = { ...state, best: { step, objective, metrics: { ...metrics } } };
  };
  if (!state.finished) {
    const boundary = (step) => Math.min(steps, validation ? nextMultiple(step, validation.every) : steps);
    const { step, position } = state;
    // An attempt may have ended between the last step and the end.
    const source = step < steps ? options.batches({ step, position }) : [];
    for await (const batches of runsOf(source, training.stepsPerRun, step, boundary)) {
      for (const result of await training.steps(batches.map(({ feeds }) => feeds))) record(result);
      state = { ...state, step: state.step + batches.length, position: batches.at(-1)?.next ?? state.position };
      if (validation && state.step % validation.every === 0) await validate(validation);
      if (context.signal.aborted || clock.due(state.step, context.checkpoints.pending)) await save();
      context.signal.throwIfAborted();
      if (state.finished || state.step >= steps) break;
    }
    if (validation && state.step % validation.every !== 0) await validate(validation);
    state = { ...state, finished: true };
    await save();
  }
  context.progress(state.step, state.step, 'steps');
  const last = copied(training.weights());
  return {
    steps: state.step,
    epochs: state.position.epoch,
    bestStep: state.best?.step ?? state.step,
    validation: state.best?.metrics ?? {},
    best: best ?? last,
    last,
  };
}
/** The newest checkpoint, loaded; else the beginning. */
async function resumed({ checkpoints, log }, training) {
  const latest = await checkpoints.latest();
  if (!latest) return { state: firstState, best: undefined };
  const { state, numerics } = latest;
  const differences = numericsDifferences(numerics, training.numerics);
  if (differences.length > 0) log.warn(`resumed on different numerics: ${differences.join('; ')}`);
  const tensorsOf = async (name) => decodeTensors(await readFile(await latest.file(name)));
  training.load({ step: state.step, tensors: await tensorsOf('state') });
  log.info(`resumed after step ${state.step}`);
  return { state, best: state.best ? await tensorsOf('best') : undefined };
}
/** Batches in groups of up to `size`, never across a boundary: what happens there sees the weights of exactly that step. */
async function* runsOf(source, size, step, boundary) {
  let run = [];
  for await (const batch of source) {
    run.push(batch);
    if (run.length < Math.min(size, boundary(step) - step)) continue;
    step += run.length;
    yield run;
    run = [];
  }
  if (run.length > 0) yield run;
}
function nextMultiple(step, of) {
  return (Math.floor(step / of) + 1) * of;
}
function copied(tensors) {
  return Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, values.slice()]));
}
//# sourceMappingURL=loop.js.map
