import { seededRandom } from '../../src/layers/seeded-random.ts';

/** What becomes of one request. */
export type Fate =
  | { readonly kind: 'fine' }
  /** It arrives so many milliseconds late. */
  | { readonly kind: 'late'; readonly milliseconds: number }
  /** The connection is reset instead of an answer: before the server has seen the request, or after it has done it. */
  | { readonly kind: 'reset'; readonly isDone: boolean }
  /** The connection breaks when this share of the request's body has gone on to the server. */
  | { readonly kind: 'cut upload'; readonly share: number }
  /** The connection breaks behind this share of the answer's body. */
  | { readonly kind: 'cut answer'; readonly share: number }
  /** Nothing is ever answered: before the server has seen the request, or after it has done it. */
  | { readonly kind: 'silence'; readonly isDone: boolean }
  /** This is answered: instead of the server's answer, or before it has seen the request. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string; readonly isDone: boolean };

/** All kinds of fates, for those who count. */
export const fateKinds: readonly Fate['kind'][] = [
  'fine',
  'late',
  'reset',
  'cut upload',
  'cut answer',
  'silence',
  'status',
];

/** How often each comes, as a share of all requests. The rest is fine. */
const shares: readonly (readonly [share: number, make: (random: () => number) => Fate])[] = [
  [0.02, (random) => ({ kind: 'late', milliseconds: Math.round(random() * 300) })],
  [0.015, (random) => ({ kind: 'reset', isDone: random() < 0.5 })],
  [0.007, (random) => ({ kind: 'cut upload', share: random() })],
  [0.007, (random) => ({ kind: 'cut answer', share: random() })],
  [0.001, (random) => ({ kind: 'silence', isDone: random() < 0.5 })],
  [0.007, (random) => ({ kind: 'status', status: 500, isDone: random() < 0.5 })],
  [0.007, (random) => ({ kind: 'status', status: 503, isDone: random() < 0.2 })],
  [0.004, () => ({ kind: 'status', status: 429, isDone: false })],
  [0.001, () => ({ kind: 'status', status: 503, retryAfter: '1', isDone: false })],
  [0.001, () => ({ kind: 'status', status: 429, retryAfter: '1', isDone: false })],
];

/** After so many requests each the faults come once in their order, so that none is left out by chance. */
const everyRequests = 30;

/** The fates of requests in the order in which they come: for the same seed the same. */
export function faultSchedule(seed: number): () => Fate {
  const random = seededRandom(seed);
  let count = 0;
  return () => {
    const inTurn = ++count % everyRequests === 0 ? shares[count / everyRequests - 1] : undefined;
    if (inTurn !== undefined) return inTurn[1](random);
    let left = random();
    for (const [share, make] of shares) {
      if (left < share) return make(random);
      left -= share;
    }
    return { kind: 'fine' };
  };
}
