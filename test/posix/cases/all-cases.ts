import type { PosixCase } from '../posix-case.ts';
import { attributeCases } from './attribute-cases.ts';
import { copyingCases } from './copying-cases.ts';
import { directCases } from './direct-cases.ts';
import { directoryCases } from './directory-cases.ts';
import { errnoCases } from './errno-cases.ts';
import { extendedAttributeCases } from './extended-attribute-cases.ts';
import { linkCases } from './link-cases.ts';
import { listingCases } from './listing-cases.ts';
import { lockCases } from './lock-cases.ts';
import { mappingCases } from './mapping-cases.ts';
import { nameCases } from './name-cases.ts';
import { openingCases } from './opening-cases.ts';
import { renameCases } from './rename-cases.ts';
import { spaceCases } from './space-cases.ts';
import { syncingCases } from './syncing-cases.ts';
import { timeCases } from './time-cases.ts';
import { truncationCases } from './truncation-cases.ts';
import { unlinkedCases } from './unlinked-cases.ts';
import { useCases } from './use-cases.ts';
import { writingCases } from './writing-cases.ts';

/** Every case of the suite. */
export const allPosixCases: readonly PosixCase[] = [
  ...openingCases,
  ...writingCases,
  ...truncationCases,
  ...unlinkedCases,
  ...directoryCases,
  ...listingCases,
  ...renameCases,
  ...nameCases,
  ...syncingCases,
  ...spaceCases,
  ...copyingCases,
  ...lockCases,
  ...attributeCases,
  ...timeCases,
  ...mappingCases,
  ...directCases,
  ...linkCases,
  ...extendedAttributeCases,
  ...useCases,
  ...errnoCases,
];
