/** The six stages as one function: ingest → validate → train → evaluate → deploy → monitor, or a rejection. @module */

/** The stages of a pipeline, each bound to its input; what one gives, the next one gets. */
export interface TrainAndDeploySteps<Dataset, Trained, Quality, Served, Watched> {
  ingest(): Promise<Dataset>;
  /** Throws when the dataset must not be trained on. */
  validate(dataset: Dataset): Promise<unknown>;
  train(dataset: Dataset): Promise<Trained>;
  evaluate(trained: Trained, dataset: Dataset): Promise<Quality>;
  /** Why the model must not be deployed; undefined lets it pass. */
  objection(quality: Quality): string | undefined | Promise<string | undefined>;
  deploy(trained: Trained): Promise<Served>;
  monitor(trained: Trained, dataset: Dataset): Promise<Watched>;
}

/** How it ended. */
export type TrainAndDeployEnd<Trained, Quality, Served, Watched> =
  | {
      readonly outcome: 'deployed';
      readonly trained: Trained;
      readonly quality: Quality;
      readonly served: Served;
      readonly watched: Watched;
    }
  | { readonly outcome: 'rejected'; readonly trained: Trained; readonly quality: Quality; readonly reason: string };

/**
 * Runs the six stages in order; call it from a pipeline with the pipeline's own stages.
 * @example
 * const end = await trainAndDeploy({
 *   ingest: () => stages.ingest({ sources }),
 *   objection: ({ auc }) => (auc < input.minAuc ? `auc ${auc} is below ${input.minAuc}` : undefined),
 *   …
 * });
 */
export async function trainAndDeploy<Dataset, Trained, Quality, Served, Watched>(
  steps: TrainAndDeploySteps<Dataset, Trained, Quality, Served, Watched>,
): Promise<TrainAndDeployEnd<Trained, Quality, Served, Watched>> {
  const dataset = await steps.ingest();
  await steps.validate(dataset);
  const trained = await steps.train(dataset);
  const quality = await steps.evaluate(trained, dataset);
  const reason = await steps.objection(quality);
  if (reason !== undefined) return { outcome: 'rejected', trained, quality, reason };
  const served = await steps.deploy(trained);
  const watched = await steps.monitor(trained, dataset);
  return { outcome: 'deployed', trained, quality, served, watched };
}
