import { basename } from 'node:path';
import { runFstabMount } from './fstab-mount.ts';
import { run } from './program.ts';

// SQLite is announced as experimental by Node 24, to everybody and each time.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
});

// One program under two names, as mount(8) looks for helpers by theirs.
const isForFstab = basename(process.argv[1] ?? '') === 'mount.cloudfusion';
process.exitCode = await (isForFstab ? runFstabMount : run)(process.argv.slice(2));
