import { crash, drain, pause, restart, theyWrite } from './fate-steps.ts';
import { storeCopy, storeDelete, storeMove, storeSetMetadata, storeWrite } from './store-steps.ts';
import { changeAttribute, changeMode, makeLink, readLink } from './attribute-steps.ts';
import {
  create,
  exchange,
  list,
  makeDirectory,
  read,
  release,
  removeDirectory,
  rename,
  save,
  truncate,
  unlink,
  writeAt,
} from './tree-steps.ts';
import type { World } from './world.ts';

/** Things that users, other people and fate do; each checks the answers of the cache against the oracle. */
export const steps: readonly { readonly weight: number; readonly run: (world: World) => Promise<string> }[] = [
  { weight: 10, run: create },
  { weight: 8, run: save },
  { weight: 12, run: writeAt },
  { weight: 6, run: truncate },
  { weight: 6, run: changeMode },
  { weight: 6, run: changeAttribute },
  { weight: 7, run: makeLink },
  { weight: 4, run: readLink },
  { weight: 10, run: makeDirectory },
  { weight: 22, run: rename },
  { weight: 6, run: exchange },
  { weight: 9, run: unlink },
  { weight: 6, run: removeDirectory },
  { weight: 10, run: read },
  { weight: 6, run: release },
  { weight: 5, run: storeWrite },
  { weight: 4, run: storeMove },
  { weight: 4, run: storeCopy },
  { weight: 3, run: storeDelete },
  { weight: 4, run: storeSetMetadata },
  { weight: 4, run: list },
  { weight: 5, run: theyWrite },
  { weight: 10, run: pause },
  { weight: 4, run: drain },
  { weight: 2, run: restart },
  { weight: 2, run: crash },
];
