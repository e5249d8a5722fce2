/** The shares of a distribution that are shown, with their names. */
export const shares: Readonly<Record<string, number>> = { '50 %': 0.5, '99 %': 0.99, '99.9 %': 0.999, most: 1 };

/** Upper ends of the classes of a histogram, in milliseconds. */
export const classes: readonly number[] = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, Infinity];

/** The least value that this share of all values does not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** How many values are in each class. */
export function histogram(values: readonly number[]): number[] {
  const counts = classes.map(() => 0);
  for (const value of values) {
    const found = classes.findIndex((end) => value <= end);
    counts[found] = (counts[found] ?? 0) + 1;
  }
  return counts;
}
