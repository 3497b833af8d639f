/** The calendar of the example: what has happened when, on the flights' own clock. @module */

/** May to December; each ends where the next one begins. */
export const months = [5, 6, 7, 8, 9, 10, 11, 12].map((month) => ({
  month,
  name: new Date(Date.UTC(2013, month - 1)).toLocaleString('en-US', { month: 'long', timeZone: 'UTC' }),
  from: new Date(Date.UTC(2013, month - 1)).toISOString(),
  until: new Date(Date.UTC(2013, month)).toISOString(),
}));
export type Month = (typeof months)[number];

/** The last day before the model that is frozen is trained. */
export const beginning = new Date(Date.UTC(2013, 4)).toISOString();

/** After this month somebody puts a model with shuffled labels past the gate. */
export const mistakeAfter = 10;

/** So many days earlier. */
export function daysBefore(time: string, days: number): string {
  return new Date(Date.parse(time) - days * 86_400_000).toISOString();
}
