import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { diskFeatures, mountFeatures } from './posix-features.ts';
import { testPosix } from './test-posix.ts';

/** `npm run test:posix -- [--cloudfusion] DIRECTORY`: runs the suite in a directory of any file system. */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { cloudfusion: { type: 'boolean' } } });
const [directory] = positionals;
if (directory === undefined || !statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
  process.stderr.write('usage: npm run test:posix -- [--cloudfusion] DIRECTORY\n');
  process.exit(2);
}
testPosix(`POSIX in ${directory}`, {
  directory: () => resolve(directory),
  features: values.cloudfusion === true ? mountFeatures : diskFeatures,
});
