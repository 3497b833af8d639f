/** From what the project file says to places that alerts can be sent to. @module */
import type { AlertSeverity } from '../contracts/alerts.js';
import { addressOf, type AlertSinkOptions } from '../contracts/alert-sinks.js';
import { type AlertSink, sinkName } from './alert-sink.js';
import { alertmanagerSink } from './alertmanager-sink.js';
import { serviceNowSink } from './servicenow-sink.js';
import { webhookSink } from './webhook-sink.js';

/** A sink of a project. */
export interface OpenSink extends AlertSink {
  /** The sink's own name; of several with one name the later ones are numbered. */
  readonly name: string;
  /** From which severity on it wants alerts. */
  readonly atLeast: AlertSeverity;
}

/**
 * The sinks in the order of the project file.
 * @param secret the value of one of the project's secrets, asked for when an alert is sent: a sink that lacks its secret
 * fails alone, with what this throws
 */
export function openSinks(sinks: readonly AlertSinkOptions[], secret: (name: string) => string): OpenSink[] {
  const seen = new Map<string, number>();
  return sinks.map((options) => {
    const name = sinkName(options.kind, addressOf(options));
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return {
      name: count === 1 ? name : `${name} (${count})`,
      atLeast: options.atLeast ?? 'info',
      send: async (alert, signal) => openSink(options, secret).send(alert, signal),
    };
  });
}

function openSink(options: AlertSinkOptions, secret: (name: string) => string): AlertSink {
  const url = addressOf(options);
  switch (options.kind) {
    case 'webhook':
      return webhookSink({ url, ...(options.secret !== undefined && { secret: secret(options.secret) }) });
    case 'alertmanager':
      return alertmanagerSink({ url, holdFor: options.holdFor });
    case 'servicenow': {
      const { user, password, closeCode } = options;
      return serviceNowSink({ url, user: secret(user), password: secret(password), closeCode });
    }
  }
}
