/** Those who ask about flights, and those who say later how late they came: clients of the model server over HTTP. @module */
import { setTimeout as delay } from 'node:timers/promises';
import { columnsOf } from 'trainyard';
import { z } from 'zod';
import { Flight } from '../01-flight-delays/contracts.js';
import { inferRequest } from '../01-flight-delays/infer-request.js';
import { rocAuc } from '../../src/statistics/ranking.js';
import { logLoss } from '../../src/statistics/probabilities.js';
import type { AskedFlight } from './flights.js';

/** All that the model takes: the log of requests names these. */
export const askedColumns = columnsOf(Flight).filter(({ name }) => name !== 'late');

const Answer = z.object({ outputs: z.array(z.object({ name: z.string(), data: z.array(z.number()) })) });

/** A server writes down at most so many rows of one request. */
const loggedRows = 100;

/** Between two flights that are asked about one by one. */
const pauseMs = 5;

/** A prime: steps of so many places come by each of a month's flights once. */
const stride = 7_919;

/** The flights of one month, asked about days ahead: in an order that has nothing to do with that in which they leave. */
export class Callers {
  private readonly flights: readonly AskedFlight[];
  readonly #answers: number[] = [];
  /** By which labels are joined. */
  readonly #ids: string[] = [];
  #labelled = 0;

  constructor(
    /** Of the endpoint: `http://…/v2/models/flights`. */
    private readonly address: string,
    private readonly month: string,
    flights: readonly AskedFlight[],
  ) {
    this.flights = flights.map((flight, at) => flights[(at * stride) % flights.length] ?? flight);
  }

  /** So many flights one by one, as it is while a new revision is looked at: whoever asks meets the old one or the new one. */
  private async oneByOne(count: number): Promise<void> {
    for (let asked = 0; asked < count && this.#answers.length < this.flights.length; asked++) {
      await this.#ask(1);
      await delay(pauseMs);
    }
    await this.#label();
  }

  /** Asks one by one whenever a new revision is looked at, until the signal says that no more will come. */
  async whileRollingOut(rollsOut: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted)
      if (await rollsOut()) await this.oneByOne(25);
      else await delay(100);
  }

  /** All that is left, a hundred flights at a time. */
  async rest(): Promise<void> {
    while (this.#answers.length < this.flights.length) await this.#ask(loggedRows);
    await this.#label();
  }

  /** How well the flights were answered, by whichever model answered. */
  quality() {
    return qualityOf(this.flights, this.#answers);
  }

  async #ask(most: number): Promise<void> {
    const from = this.#answers.length;
    const rows = this.flights.slice(from, from + most);
    const id = `${this.month}-${from}`;
    this.#answers.push(...(await ask(this.address, rows, id)));
    // A request of several rows has one id, and each row its place in it.
    this.#ids.push(...(rows.length === 1 ? [id] : rows.map((_, at) => `${id}/${at}`)));
  }

  async #label(): Promise<void> {
    while (this.#labelled < this.#answers.length) {
      const from = this.#labelled;
      const until = Math.min(from + 10_000, this.#answers.length);
      const labels = this.#ids.slice(from, until).map((id, at) => ({ id, label: this.flights[from + at]?.late }));
      await post(`${this.address}/labels`, labels);
      this.#labelled = until;
    }
  }
}

/** What another model would have answered to the same flights. */
export async function wouldHave(address: string, flights: readonly AskedFlight[]) {
  const answers: number[] = [];
  for (let from = 0; from < flights.length; from += 2_000)
    answers.push(...(await ask(address, flights.slice(from, from + 2_000))));
  return qualityOf(flights, answers);
}

function qualityOf(flights: readonly AskedFlight[], answers: readonly number[]) {
  const labels = flights.map(({ late }) => Number(late));
  return { auc: rocAuc(labels, answers), logLoss: logLoss(labels, answers) };
}

async function ask(address: string, rows: readonly AskedFlight[], id?: string): Promise<readonly number[]> {
  const body = { ...(id !== undefined && { id }), ...inferRequest(rows, askedColumns) };
  const { outputs } = Answer.parse(await post(`${address}/infer`, body));
  return outputs.find(({ name }) => name === 'probability')?.data ?? [];
}

async function post(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
