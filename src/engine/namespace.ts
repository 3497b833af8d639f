/** The namespace of a project: its retention and its search attributes. @module */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import proto, { type temporal } from '@temporalio/proto';
import { toMilliseconds, type Duration } from '../contracts/duration.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { searchAttributeNames } from '../contracts/names.js';

/** gRPC's status code NOT_FOUND. */
const notFound = 5;

/** Makes the namespace, or sets its retention where it differs: closed runs are deleted when it has passed. */
export async function prepareNamespace(connection: Connection, namespace: string, retention: Duration): Promise<void> {
  const seconds = Math.round(toMilliseconds(retention) / 1_000);
  const ttl = proto.google.protobuf.Duration.fromObject({ seconds });
  const described = await describe(connection, namespace);
  if (described === undefined) {
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: ttl });
    // The server remembers for about a second that it did not know the name, and refuses runs in it as long.
    while (!(await isUsable(connection, namespace))) await delay(100);
  } else if (retentionSeconds(described) !== seconds) {
    await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: ttl } });
  }
}

/** Throws TY1804 where a server that is not ours lacks the namespace: only its operator may say how long it keeps runs. */
export async function requireNamespace(connection: Connection, namespace: string, address: string): Promise<void> {
  if ((await describe(connection, namespace)) === undefined)
    throw new TrainyardError('TY1804', `the Temporal server at ${address} has no namespace "${namespace}"`);
}

/** How long the namespace keeps closed runs, in seconds; `undefined` where there is no such namespace. */
export async function readRetention(connection: Connection, namespace: string): Promise<number | undefined> {
  const described = await describe(connection, namespace);
  return described === undefined ? undefined : retentionSeconds(described);
}

/** Search attributes that runs may carry, and sentences for what could not be had. */
export interface SearchAttributes {
  readonly searchAttributes: readonly string[];
  readonly notes: readonly string[];
}

/** Registers what is missing; a server that refuses costs a note, never an error. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<SearchAttributes> {
  const { INDEXED_VALUE_TYPE_KEYWORD: keyword } = proto.temporal.api.enums.v1.IndexedValueType;
  let registered: string[] = [];
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    registered = searchAttributeNames.filter((name) => customAttributes[name] === keyword);
    const missing = searchAttributeNames.filter((name) => !registered.includes(name));
    if (missing.length > 0) {
      const searchAttributes = Object.fromEntries(missing.map((name) => [name, keyword]));
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    }
    return { searchAttributes: searchAttributeNames, notes: [] };
  } catch (error) {
    const missing = searchAttributeNames.filter((name) => !registered.includes(name)).join(', ');
    return {
      searchAttributes: registered,
      notes: [`runs go without the search attributes ${missing}: ${messageOf(error)}`],
    };
  }
}

async function isUsable(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

type Described = temporal.api.workflowservice.v1.IDescribeNamespaceResponse;

async function describe(connection: Connection, namespace: string): Promise<Described | undefined> {
  try {
    return await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === notFound;
}

function retentionSeconds(described: Described): number {
  return Number(described.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
}
