/** What the log of requests costs a server: the same server, with a log of every request and without, in turn. @module */
import { join } from 'node:path';
import { type Measurement, median } from './measurement.js';
import { type Load, startOurs, underLoad, withMlp } from './serving.js';

const rounds = 5;
const clients = 16;

/** Requests a second, CPU for each, and how late the event loop is, 99 % of the time: medians of five rounds; `peer` is without. */
export async function benchServingLog(): Promise<Measurement[]> {
  return withMlp(async ({ folder, model, body }) => {
    const load = (log?: string) => underLoad(startOurs(model, log), { body, clients, path: '/v2/models/mlp/infer' });
    const pairs: { readonly logged: Load; readonly plain: Load }[] = [];
    for (let round = 0; round < rounds; round++) {
      const log = join(folder, `log-${round}`);
      if (round % 2 === 0) pairs.push({ logged: await load(log), plain: await load() });
      else {
        const plain = await load();
        pairs.push({ plain, logged: await load(log) });
      }
    }
    const line = (what: string, unit: string, of: (load: Load) => number): Measurement => ({
      name: `serving.logged.${clients}-clients.${what}`,
      value: median(pairs.map(({ logged }) => of(logged))),
      unit,
      peer: median(pairs.map(({ plain }) => of(plain))),
      ratio: median(pairs.map(({ logged, plain }) => of(logged) / of(plain))),
    });
    return [
      line('rate', 'requests/s', ({ perSecond }) => perSecond),
      line('cpu', 'µs/request', ({ cpuUs }) => cpuUs),
      line('event-loop', 'ms late', ({ lastWords }) => Number(lastWords)),
    ];
  });
}
