import type { Capabilities } from '../store/store.ts';
import type { Trial } from './trial.ts';

/** One law, or one part of it, as a case. */
export interface StoreCase {
  /** The law as a sentence; `skip` names the case by it. */
  readonly name: string;
  /** Why stores of these capabilities need not pass, or undefined: they must. */
  readonly unless?: (capabilities: Capabilities) => string | undefined;
  readonly run: (trial: Trial) => Promise<void>;
}

/** `unless` of the cases about `ifRevision`. */
export function withoutPreconditions({ preconditions }: Capabilities): string | undefined {
  return preconditions === 'none' ? 'the store has no preconditions' : undefined;
}

/** `unless` of the cases about metadata. */
export function withoutMetadata({ metadata }: Capabilities): string | undefined {
  return metadata === 'none' ? 'the store keeps no metadata' : undefined;
}
