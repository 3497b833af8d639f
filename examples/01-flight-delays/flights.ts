/** From the two tables to the rows that the model sees, and the months that it sees when. @module */

/** Flights that never arrived have no label; their hour's weather is joined by airport and hour. */
export const sql = `
  SELECT f.scheduled, f.hour, dayofweek(f.scheduled) AS weekday, f.carrier, f.origin, f.dest, f.distance,
         w.temp, w.dewp, w.humid, w.wind_speed, w.wind_gust, w.precip, w.pressure, w.visib,
         f.arr_delay >= 15 AS late
  FROM flights f LEFT JOIN weather w ON w.origin = f.origin AND w.time_hour = f.time_hour
  WHERE f.arr_delay IS NOT NULL`;

export const months = {
  train: { from: '2013-01-01', until: '2013-05-01' },
  test: { from: '2013-05-01', until: '2013-06-01' },
  july: { from: '2013-07-01', until: '2013-08-01' },
};
