/** The search attributes that runs carry, so that lists of Temporal's find them. @module */
import type { Connection } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import proto from '@temporalio/proto';
import { searchAttributeNames } from '../contracts/names.js';

const { INDEXED_VALUE_TYPE_KEYWORD: keyword } = proto.temporal.api.enums.v1.IndexedValueType;

/** Those of a run of a pipeline, as far as its namespace has them. @param known names that it has */
export function attributesOf(project: string, pipeline: string, known: readonly string[] = []): SearchAttributePair[] {
  const values = { TyProject: project, TyPipeline: pipeline };
  return searchAttributeNames
    .filter((name) => known.includes(name))
    .map((name) => ({ key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value: values[name] }));
}

/** Names that a namespace has; none where the server does not say: runs go without. */
export async function knownAttributes({ operatorService }: Connection, namespace: string): Promise<readonly string[]> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return searchAttributeNames.filter((name) => customAttributes[name] === keyword);
  } catch {
    return [];
  }
}
