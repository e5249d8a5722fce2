const runLength = 64;

/**
 * The values in order, in steps of some ten microseconds: sorting many at once would hold everybody up. Stable; what is in order already costs
 * little.
 */
export function* sortSteps<T>(values: readonly T[], compare: (a: T, b: T) => number): Generator<void, T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < values.length; at += runLength) {
    yield;
    runs.push(values.slice(at, at + runLength).sort(compare));
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) longer.push(yield* merged(runs[i] as T[], runs[i + 1] ?? [], compare));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merged<T>(a: T[], b: readonly T[], compare: (a: T, b: T) => number): Generator<void, T[]> {
  yield;
  const [last, first] = [a.at(-1), b[0]];
  if (last === undefined || first === undefined || compare(last, first) <= 0) return a.concat(b);
  const result: T[] = [];
  for (let [i, j] = [0, 0]; ; ) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return result.concat(a.slice(i), b.slice(j));
    const isLeft = compare(left, right) <= 0;
    result.push(isLeft ? left : right);
    if (isLeft) i++;
    else j++;
    if (result.length % runLength === 0) yield;
  }
}
