import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { defaultFailureConverter, defaultPayloadConverter, type LoadedDataConverter } from '@temporalio/common';
import { ApplicationFailure, type Payload } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { refsInHistory } from '../../src/housekeeping/history-refs.js';
import { all } from './support.js';

/** dist/test/housekeeping → test/replay/histories */
const recorded = new URL('../../../test/replay/histories/0.1.0/small/counting.json', import.meta.url);
const plain: LoadedDataConverter = {
  payloadConverter: defaultPayloadConverter,
  failureConverter: defaultFailureConverter,
  payloadCodecs: [],
};
const ref = (digit: string) => ({
  uri: `artifact://sha256/${digit.repeat(64)}`,
  sha256: digit.repeat(64),
  sizeBytes: 1,
});

describe('the refs of a history', () => {
  it('are found in a recorded one, with the stage whose event carries them', async () => {
    const history = historyFromJSON(JSON.parse(readFileSync(recorded, 'utf8')));
    const found = await all(refsInHistory(history, plain));
    const model = found.filter(({ ref: { name } }) => name === 'model');
    assert.deepEqual(
      model.map(({ stage }) => stage),
      ['count', undefined],
      'the result of the stage, and that of the run',
    );
    assert.ok(model.every(({ ref: { sha256 } }) => sha256 === model[0]?.ref.sha256));
  });

  it('are found in the details of failures, behind a codec too', async () => {
    const invert = (payloads: Payload[]) =>
      Promise.resolve(payloads.map((payload) => ({ ...payload, data: payload.data?.map((byte) => 255 - byte) })));
    const codec = { encode: invert, decode: invert };
    const failure = defaultFailureConverter.errorToFailure(
      ApplicationFailure.create({
        message: 'no',
        details: [{ log: ref('a') }],
        cause: ApplicationFailure.create({ details: [ref('b')] }),
      }),
      defaultPayloadConverter,
    );
    const memo = { fields: { evidence: defaultPayloadConverter.toPayload({ model: ref('c') }) } };
    const events = [
      { eventId: 5, activityTaskScheduledEventAttributes: { activityType: { name: 'train' } } },
      { eventId: 7, activityTaskFailedEventAttributes: { failure, scheduledEventId: 5 } },
      { eventId: 8, workflowPropertiesModifiedEventAttributes: { upsertedMemo: memo } },
    ] as unknown as NonNullable<Parameters<typeof refsInHistory>[0]['events']>; // ids are numbers here, Longs on the wire
    const found = await all(refsInHistory({ events }, plain));
    assert.deepEqual(
      found.map(({ ref: { sha256 }, stage, eventId }) => [sha256[0], stage, eventId]),
      [
        ['b', 'train', '7'],
        ['a', 'train', '7'],
        ['c', undefined, '8'],
      ],
    );
    await assert.rejects(all(refsInHistory({ events }, { ...plain, payloadCodecs: [codec] })));
  });
});
