/** The trainer's end of the protocol, in a Node process. @module */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { AttemptReports } from '../context/reports.js';
import { StageFailure } from '../context/stage-failure.js';
import { readLines } from './lines.js';
import {
  decodeLine,
  descriptors,
  DownMessage,
  encodeLine,
  lineLimit,
  protocolVersion,
  type UpMessage,
} from './protocol.js';

type Request = Extract<UpMessage, { id: number }>;
type WithoutId<Message> = Message extends Request ? Omit<Message, 'id'> : never;
type Answer = Extract<DownMessage, { type: 'answer' | 'refusal' }>;

/** Speaks to the worker. Does not keep the process alive, except while a request waits for its answer. */
export class Channel {
  readonly #socket = new Socket({ fd: descriptors.down, readable: true, writable: false });
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #requests = 0;

  /** Greets the worker. */
  constructor(onStop: (stop: Extract<DownMessage, { type: 'stop' }>) => void) {
    const receive = (line: string) => {
      const message = decodeLine(DownMessage, line);
      if (message.type === 'stop') onStop(message);
      else this.#waiting.get(message.id)?.(message);
    };
    readLines(this.#socket, { limit: lineLimit, onLine: receive, onLong: receive });
    this.#socket.on('error', () => undefined); // the worker is gone, and its watchdog ends this process
    this.#socket.unref();
    this.send({ type: 'hello', protocol: protocolVersion });
  }

  /** Sends a message at once: it leaves even where the training never lets the event loop turn. */
  send(message: UpMessage): void {
    const line = new TextEncoder().encode(encodeLine(message));
    let written = 0;
    // The descriptor blocks, so that a worker that reads slowly slows the trainer down instead of losing messages.
    while (written < line.length) written += writeSync(descriptors.up, line, written);
  }

  /** Sends a request and gives the answer's value; a refusal is thrown as a {@link StageFailure}. */
  async ask(request: WithoutId<Request>): Promise<unknown> {
    const id = ++this.#requests;
    this.send({ ...request, id });
    this.#socket.ref();
    const answer = await new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#socket.unref();
    if (answer.type === 'refusal') throw new StageFailure(answer.class, answer.message, answer.evidence);
    return answer.value;
  }
}

const progressEveryMs = 100;

/**
 * Reports as messages. Progress is told about ten times a second: a loop of a million steps may say so at each of them. By
 * the clock, because a busy loop ticks no timer; by a timer too, because the last step before a long wait must be told.
 */
export function channelReports(channel: Channel): AttemptReports {
  let toldAt = -Infinity;
  let later: NodeJS.Timeout | undefined;
  return {
    progress: (done, total, unit) => {
      const tell = () => {
        toldAt = performance.now();
        channel.send({ type: 'progress', done, unit, ...(total === undefined ? {} : { total }) });
      };
      clearTimeout(later);
      const waitMs = toldAt + progressEveryMs - performance.now();
      if (waitMs <= 0 || done === total) tell();
      else later = setTimeout(tell, waitMs).unref();
    },
    metrics: (step, values) => {
      channel.send({ type: 'metrics', step, values: { ...values } });
    },
    params: (values) => {
      channel.send({ type: 'params', values: { ...values } });
    },
    note: (text) => {
      channel.send({ type: 'note', text });
    },
    tracked: (kind, name, ref) => {
      channel.send({ type: 'tracked', kind, name, ref });
    },
    log: (level, message, fields) => {
      channel.send({ type: 'log', level, message, fields });
    },
  };
}
