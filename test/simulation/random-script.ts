import { seededRandom } from '../../src/layers/seeded-random.ts';
import type { Fate, Script, Settings, Side, Step } from './step.ts';

/** Names are few, so that they meet. */
const paths = ['/a', '/b.txt', '/d', '/e', '/d/a', '/d/b.txt', '/e/a', '/d/e', '/d/e/a'];
const directories = ['/', '/d', '/e', '/d/e'];

/** What people and fate do, and how often. */
const weights: readonly (readonly [Step['do'], number])[] = [
  ['save', 16],
  ['replace', 5],
  ['remove', 7],
  ['makeDirectory', 5],
  ['rename', 11],
  ['look', 9],
  ['read', 4],
  ['sync', 3],
  ['pass', 90],
  ['wait', 18],
  ['kill', 1.2],
  ['powerCut', 0.8],
  ['restart', 0.8],
];
const allWeights = weights.reduce((sum, [, weight]) => sum + weight, 0);

/** The script of a seed. */
export function randomScript(seed: number, length: number): Script {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const oneOf = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const settings: Settings = {
    preconditions: oneOf(['atomic', 'atomic', 'atomic', 'checked', 'none']),
    modified: below(4) > 0,
    modifiedPrecision: oneOf([1, 1, 1000]),
    uploadDelay: oneOf([0, 50, 5_000]),
    metadataTime: oneOf([1, 50, 120_000]),
  };
  const faults = oneOf([0, 0.03, 0.15]);
  const fate = (): Fate => (random() < faults ? oneOf(['fail', 'busy', 'cut']) : 'well');
  const makers: Record<Step['do'], (on: Side) => Step> = {
    save: (on) => ({ do: 'save', on, path: oneOf(paths) }),
    replace: (on) => ({ do: 'replace', on, path: oneOf(paths) }),
    remove: (on) => ({ do: 'remove', on, path: oneOf(paths) }),
    makeDirectory: (on) => ({ do: 'makeDirectory', on, path: oneOf(directories.slice(1)) }),
    rename: (on) => ({ do: 'rename', on, path: oneOf(paths), to: oneOf(paths) }),
    look: (on) => ({ do: 'look', on, path: oneOf(directories) }),
    read: (on) => ({ do: 'read', on, path: oneOf(paths) }),
    sync: (on) => ({ do: 'sync', on, path: oneOf(paths) }),
    pass: (on) => ({ do: 'pass', on, call: below(8), fate: fate() }),
    wait: () => ({ do: 'wait', milliseconds: oneOf([1, 20, 20, 100, 100, 1_000, 10_000, 60_000]) }),
    kill: (on) => ({ do: 'kill', on, landing: below(2) === 0 }),
    powerCut: (on) => ({ do: 'powerCut', on, landing: below(2) === 0 }),
    restart: (on) => ({ do: 'restart', on }),
  };
  const draw = (): Step => {
    let left = random() * allWeights;
    const found = weights.find(([, weight]) => (left -= weight) < 0);
    return makers[found?.[0] ?? 'pass'](oneOf(['left', 'right']));
  };
  return { settings, steps: Array.from({ length }, draw) };
}
