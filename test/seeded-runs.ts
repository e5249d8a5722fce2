import { randomInt } from 'node:crypto';

/** How often a random test runs: `CLOUDFUSION_RUNS`, else so often. */
export function runsOr(usual: number): number {
  return Number(process.env['CLOUDFUSION_RUNS'] ?? usual);
}

/** Where a random test begins: `CLOUDFUSION_SEED` to replay, else anywhere. */
export const seed: number = Number(process.env['CLOUDFUSION_SEED'] ?? randomInt(2 ** 31));
