/** Which way a metric is better, by its name. @module */

const losses = /loss|error|rmse|mae|mse|brier|latency|perplexity|drift|psi/i;
const gains = /auc|accuracy|precision|recall|f1|r2|bleu|rouge|chrf/i;

/** Undefined where nobody can say. */
export function betterOf(metric: string): 'higher' | 'lower' | undefined {
  if (losses.test(metric)) return 'lower';
  return gains.test(metric) ? 'higher' : undefined;
}
