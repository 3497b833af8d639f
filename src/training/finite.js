/** The name of a tensor with a value that is NaN or infinite; undefined where there is none. 1 ns a value. */
export function firstNotFinite(tensors) {
  return Object.entries(tensors).find(([, values]) => !Number.isFinite(sumOf(values)))?.[0];
}
/** Not finite exactly where one of the values is not: sums of float32 stay far below the range of float64. */
function sumOf(values) {
  let sum = 0;
  // By index: `for … of` and `every` take ten times as long.
  for (let index = 0; index < values.length; index++) sum += values[index] ?? NaN;
  return sum;
}
//# sourceMappingURL=finite.js.map
