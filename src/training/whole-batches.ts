/** Steps whose batch goes through the session at once; several of them in one run. @module */
import { Tensor } from 'onnxruntime-node';
import type { Device } from './numerics.js';
import { openSession } from './session.js';
import { loopModel, results, stepModel } from './step-graph.js';
import type { StepModel, Training } from './step-graph.js';
import { batchInputs, scalarInputs } from './step-runner.js';
import type { StepRunner, StepSettings } from './step-runner.js';

export async function openWholeBatches(
  options: Training & StepSettings & { readonly stepsPerRun?: number },
  device: Device,
): Promise<StepRunner> {
  const single = stepModel(options);
  const { stepsPerRun = device.provider === 'cpu' && sizeOf(single) > 1e6 ? 1 : 16 } = options;
  const model = stepsPerRun === 1 ? single : loopModel(options);
  const session = await openSession(model.bytes, device);
  return {
    model,
    stepsPerRun,
    async run(state, run) {
      const lead = stepsPerRun === 1 ? [] : [run.batches.length];
      const steps = run.batches.map((_, index) => run.step + index);
      const inputs = { ...batchInputs(model, options, run, { lead }), ...scalarInputs(model, options, steps, lead) };
      const losses = new Float32Array(steps.length);
      const norms = new Float32Array(steps.length);
      const measured = { [results.loss]: losses, [results.gradNorm]: norms };
      const fetched = Object.entries(measured).map(
        ([name, data]) => [name, new Tensor('float32', data, lead)] as const,
      );
      await session.run({ ...state.now, ...inputs }, { ...state.next, ...Object.fromEntries(fetched) });
      state.swap();
      return steps.map((step, index) => ({ step, loss: losses[index] ?? NaN, gradNorm: norms[index] ?? NaN }));
    },
    release: () => session.release(),
  };
}

function sizeOf({ parameters }: StepModel): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((size, dim) => size * dim, 1), 0);
}
