import type { Capabilities } from '../../src/store/store.ts';

/** The two machines. */
export type Side = 'left' | 'right';

/** What becomes of a call that waits: it goes on, fails on its way, is told to come later, or its answer breaks off. */
export type Fate = 'well' | 'fail' | 'busy' | 'cut';

/**
 * One thing that happens. Steps are data and mean something in every state: what is not possible at that moment is left out, so any
 * part of a script is a script.
 */
export type Step =
  | {
      readonly do: 'save' | 'replace' | 'remove' | 'makeDirectory' | 'look' | 'read' | 'sync';
      readonly on: Side;
      readonly path: string;
    }
  | { readonly do: 'rename'; readonly on: Side; readonly path: string; readonly to: string }
  /** Call `call` of those that wait goes on by one phase. */
  | { readonly do: 'pass'; readonly on: Side; readonly call: number; readonly fate: Fate }
  | { readonly do: 'wait'; readonly milliseconds: number }
  /** `landing`: what was being sent reaches the store, and nobody hears of it. */
  | { readonly do: 'kill' | 'powerCut'; readonly on: Side; readonly landing: boolean }
  | { readonly do: 'restart'; readonly on: Side };

/** What the store can, and how the caches are set. */
export interface Settings {
  readonly preconditions: Capabilities['preconditions'];
  readonly modified: boolean;
  readonly modifiedPrecision: number;
  /** Milliseconds. */
  readonly uploadDelay: number;
  readonly metadataTime: number;
}

/** All that a run depends on. */
export interface Script {
  readonly settings: Settings;
  readonly steps: readonly Step[];
}
