import type { FuzzTarget } from './fuzz-target.ts';
import { configurationTarget } from './targets/configuration-target.ts';
import { openControlTarget } from './targets/control-target.ts';
import { openDatabaseTarget } from './targets/database-target.ts';
import { fuseTarget } from './targets/fuse-target.ts';
import { headersTarget } from './targets/headers-target.ts';
import { savedStatesTarget } from './targets/saved-states-target.ts';
import { openServiceTarget } from './targets/service-target.ts';
import { xmlTarget } from './targets/xml-target.ts';
import { services } from '../unreachable/services.ts';

/** One of all targets, before it is opened. */
export interface KnownTarget {
  readonly name: string;
  readonly share: number;
  readonly open: () => Promise<FuzzTarget>;
}

const serviceShare = 2;

/** Everything that takes bytes from outside. */
export const fuzzTargets: readonly KnownTarget[] = [
  ...[xmlTarget, headersTarget, configurationTarget, savedStatesTarget, fuseTarget].map((target) => ({
    name: target.name,
    share: target.share,
    open: async () => target,
  })),
  { name: 'control socket', share: 1, open: () => openControlTarget('control socket', 1) },
  { name: 'database', share: serviceShare, open: () => openDatabaseTarget('database', serviceShare) },
  ...Object.entries(services).map(([name, start]) => ({
    name,
    share: serviceShare,
    open: () => openServiceTarget(name, serviceShare, start),
  })),
];
