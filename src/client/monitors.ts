/** Monitors of deployments: declared and changed through their entity, read from the store alone. @module */
import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import type { DeploymentMonitor } from '../contracts/define-monitor.js';
import { TrainyardError } from '../contracts/errors.js';
import type { MonitorLook } from '../contracts/monitor-looks.js';
import { monitors } from '../contracts/monitor-rules.js';
import type { MonitorAnswer, MonitorChange, MonitorState } from '../contracts/monitor-state.js';
import { type EntityState, entityHistory, type HeadSource, latestEntityHead } from '../records/entity-heads.js';
import { namesOfKind } from '../records/heads.js';
import type { TrustedKeys } from '../records/signing.js';
import { changeEntity, type ChangeOptions } from './change-entity.js';

/** What {@link Monitors} stands on. */
export interface MonitorsOptions {
  readonly project: string;
  readonly store: ArtifactStore;
  /** Needed to change; who only reads leaves it out. */
  readonly client?: Client;
  /** Whose signatures count when heads are read. @default nobody's: they are not checked */
  readonly trusted?: TrustedKeys;
}

/** A published state of a monitor. */
export type MonitorHead = EntityState<MonitorState, MonitorChange, MonitorAnswer>;

/**
 * The monitors of one project.
 * @example
 * const monitors = new Monitors({ project: 'churn', store, client });
 * await monitors.declare(churnMonitor, { by: 'ana', reason: 'in production since today' });
 */
export class Monitors {
  constructor(private readonly options: MonitorsOptions) {}

  /**
   * Begins a monitor, or gives one another policy. Its first look comes after the contract's `every`.
   * @param options.name several monitors may share a contract. @default the contract's
   * @param options.settings what its looks are told, a few kilobytes at most. @default nothing
   */
  declare(
    contract: DeploymentMonitor,
    options: ChangeOptions & {
      readonly name?: string;
      readonly endpoint?: string;
      readonly loop?: string;
      readonly settings?: MonitorLook['settings'];
    },
  ): Promise<MonitorAnswer> {
    const { name = contract.name, endpoint, loop, settings } = options;
    const policy = {
      ...contract.policy,
      ...(endpoint !== undefined && { endpoint }),
      ...(loop !== undefined && { loop }),
      ...(settings && { settings }),
    };
    return this.change(name, { kind: 'declare', policy }, options);
  }

  /** No look begins until {@link resume}. */
  pause(name: string, options: ChangeOptions): Promise<MonitorAnswer> {
    return this.change(name, { kind: 'pause', why: options.reason.slice(0, 300) }, options);
  }

  resume(name: string, options: ChangeOptions): Promise<MonitorAnswer> {
    return this.change(name, { kind: 'resume' }, options);
  }

  /** Looks now, before the clock asks for it. */
  look(name: string, options: ChangeOptions): Promise<MonitorAnswer> {
    return this.change(name, { kind: 'look' }, options);
  }

  /** Where all monitors stand, by name. */
  async list(): Promise<{ readonly name: string; readonly head: MonitorHead }[]> {
    const names = await namesOfKind(this.options.store, monitors.kind);
    return Promise.all(names.map(async (name) => ({ name, head: await this.show(name) })));
  }

  /** Where a monitor stands. Throws TY2520 where there is none. */
  async show(name: string): Promise<MonitorHead> {
    const head = await latestEntityHead(this.source(), monitors, name);
    if (head === undefined) throw new TrainyardError('TY2520', `there is no monitor ${name}`);
    return head;
  }

  /** Every change of a monitor in order, each look among them. */
  history(name: string): AsyncGenerator<MonitorHead, void, undefined> {
    return entityHistory(this.source(), monitors, name);
  }

  private change(name: string, change: MonitorChange, options: ChangeOptions): Promise<MonitorAnswer> {
    const { client, project } = this.options;
    if (client === undefined) throw new TypeError('Monitors was made without a client: pass `client` to change one');
    return changeEntity({ client, project }, monitors, name, change, options);
  }

  private source(): HeadSource {
    const { store, trusted } = this.options;
    return { store, ...(trusted && { trusted }) };
  }
}
