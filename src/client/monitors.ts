/** Monitors of deployments: declared and changed through their entity, read from the store alone. @module */
import type { DeploymentMonitor } from '../contracts/define-monitor.js';
import type { MonitorLook } from '../contracts/monitor-looks.js';
import { monitors } from '../contracts/monitor-rules.js';
import type { MonitorAnswer, MonitorChange, MonitorState } from '../contracts/monitor-state.js';
import type { EntityState } from '../records/entity-heads.js';
import type { ChangeOptions } from './change-entity.js';
import { Entities, type EntitiesOptions } from './entities.js';

/** What {@link Monitors} stands on. */
export type MonitorsOptions = EntitiesOptions;

/** A published state of a monitor. */
export type MonitorHead = EntityState<MonitorState, MonitorChange, MonitorAnswer>;

/**
 * The monitors of one project.
 * @example
 * const monitors = new Monitors({ project: 'churn', store, client });
 * await monitors.declare(churnMonitor, { by: 'ana', reason: 'in production since today' });
 */
export class Monitors extends Entities<MonitorState, MonitorChange, MonitorAnswer> {
  constructor(options: MonitorsOptions) {
    super(options, monitors, { word: 'monitor', missing: 'TY2520' });
  }

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
}
