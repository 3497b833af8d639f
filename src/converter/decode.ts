/** Payloads of histories and descriptions to values, through the same converter that wrote them. @module */
import type { LoadedDataConverter, Payload } from '@temporalio/common';

/** Decodes with the client's codecs, last first, and its converter; undefined for no payload. */
export async function decodePayload(
  converter: LoadedDataConverter,
  payload: Payload | null | undefined,
): Promise<unknown> {
  if (!payload) return undefined;
  let decoded = [payload];
  for (const codec of converter.payloadCodecs.toReversed()) decoded = await codec.decode(decoded);
  return decoded[0] && converter.payloadConverter.fromPayload(decoded[0]);
}
