/** What has to be true when a month has ended: its requests and labels lie in the store, and the monitor has looked at them. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeOptions, Endpoints, Monitors } from 'trainyard/client';

const everyMs = 100;

/** Until so many requests of an endpoint, and their labels, have come from the server to the store. */
export async function untilLogged(endpoints: Endpoints, name: string, rows: number): Promise<void> {
  for (const kind of ['requests', 'labels'] as const) {
    const logged = async () => {
      let sum = 0;
      for await (const segment of endpoints.segments(name, kind)) sum += segment.rows;
      return sum;
    };
    while ((await logged()) < rows) await delay(everyMs);
  }
}

/** Until a server has followed the newest change of an endpoint: a second at most, and hundreds of flights would meet what was before. */
export async function untilFollowed(endpoints: Endpoints, name: string): Promise<void> {
  const { generation: newest } = await endpoints.get(name);
  while (!(await endpoints.servers(name)).some(({ generation }) => generation >= newest)) await delay(everyMs);
}

/** Lets a monitor look now, and waits until it has told the loop what it found. Throws where the look fails. */
export async function lookNow(monitors: Monitors, name: string, asked: ChangeOptions, alive: Promise<never>) {
  const { look } = await monitors.look(name, asked);
  for (;;) {
    const { looks, running, outbox, news, past } = (await monitors.show(name)).state;
    const last = past.at(-1);
    if (looks > look && running === null && outbox.length === 0 && news === null && last) {
      if (last.failure !== undefined) throw new Error(`the monitor could not look: ${last.failure}`);
      return last;
    }
    await Promise.race([delay(everyMs), alive]);
  }
}

/** Address of an endpoint on the server that has loaded it. */
export async function whereServed(endpoints: Endpoints, name: string): Promise<string> {
  for (;;) {
    for (const { address, state } of await endpoints.servers(name)) {
      const model = `${address}/v2/models/${name}`;
      if (state === 'serving' && (await fetch(`${model}/ready`)).ok) return model;
    }
    await delay(everyMs);
  }
}
