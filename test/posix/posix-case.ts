import type { PosixFeatures } from './posix-features.ts';
import type { PosixTrial } from './posix-trial.ts';

/** One rule of POSIX or Linux, as a case. */
export interface PosixCase {
  /** The rule as a sentence. */
  readonly name: string;
  /** Why it does not apply to file systems of these features, or to this process; undefined: it does. */
  readonly unless?: (features: PosixFeatures) => string | undefined;
  /** Throws where the rule is broken. It works in the trial's directory only. */
  readonly run: (trial: PosixTrial) => void | Promise<void>;
}

/** `unless` of cases that only root can try. */
export function unlessRoot(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'needs root';
}
