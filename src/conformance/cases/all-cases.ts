import type { StoreCase } from '../store-case.ts';
import { abortCases } from './abort-cases.ts';
import { changesCases } from './changes-cases.ts';
import { concurrencyCases } from './concurrency-cases.ts';
import { contentCases } from './content-cases.ts';
import { deleteAllCases } from './delete-all-cases.ts';
import { deleteCases } from './delete-cases.ts';
import { errorCases } from './error-cases.ts';
import { gatheredCases } from './gathered-cases.ts';
import { largeFileCases } from './large-file-cases.ts';
import { lifeCases } from './life-cases.ts';
import { listCases } from './list-cases.ts';
import { metadataCases } from './metadata-cases.ts';
import { modifiedCases } from './modified-cases.ts';
import { nameCases } from './name-cases.ts';
import { pathCases } from './path-cases.ts';
import { preconditionCases } from './precondition-cases.ts';
import { rangeCases } from './range-cases.ts';
import { setMetadataCases } from './set-metadata-cases.ts';
import { statCases } from './stat-cases.ts';
import { copyCases, transferCases } from './transfer-cases.ts';
import { writeCases } from './write-cases.ts';

/** Every case of the suite, in the order of the laws. */
export const allCases: readonly StoreCase[] = [
  ...pathCases,
  ...nameCases,
  ...statCases,
  ...listCases,
  ...contentCases,
  ...rangeCases,
  ...writeCases,
  ...preconditionCases,
  ...largeFileCases,
  ...modifiedCases,
  ...metadataCases,
  ...setMetadataCases,
  ...concurrencyCases,
  ...deleteCases,
  ...deleteAllCases,
  ...transferCases,
  ...copyCases,
  ...changesCases,
  ...gatheredCases,
  ...abortCases,
  ...errorCases,
  ...lifeCases,
];
