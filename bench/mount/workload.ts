import type { Arena } from './arena.ts';
import type { DirectTool } from './direct-tool.ts';
import type { Figures } from './figure.ts';
import type { Below } from './subject.ts';
import type { Trial } from './trial.ts';

/** Something that is measured with every subject. */
export interface Workload {
  readonly name: string;
  /** With which subjects it makes sense. */
  readonly over: readonly Below[];
  /** Makes what is read, once a run. */
  readonly prepare?: (arena: Arena) => Promise<void>;
  /** Is called with a fresh mount. */
  readonly measure: (trial: Trial) => Promise<Figures>;
  /** The same by the tool for the job, over S3: the yardstick D. Its figures have the names that they are compared with. */
  readonly direct?: (tool: DirectTool) => Promise<Figures>;
}
