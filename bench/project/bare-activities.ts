/** The peer's six activities, which is what the six stages do too. @module */

export interface Count {
  readonly count: number;
}

export function addOne({ count }: Count): Promise<Count> {
  return Promise.resolve({ count: count + 1 });
}

export const bareActivities = { one: addOne, two: addOne, three: addOne, four: addOne, five: addOne, six: addOne };
