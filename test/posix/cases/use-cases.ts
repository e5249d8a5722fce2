import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type PosixCase, unlessRoot } from '../posix-case.ts';

/** What programs do with a whole directory: run in it, run from it, mount upon it. */
export const useCases: readonly PosixCase[] = [
  {
    name: 'a program and a script are run from here',
    run: (trial) => {
      copyFileSync('/bin/echo', trial.path('program'));
      const script = trial.file('script', '#!/bin/sh\necho "script $1"\n');
      for (const path of [trial.path('program'), script]) chmodSync(path, 0o755);
      assert.equal(execFileSync(trial.path('program'), ['run'], { encoding: 'utf8' }), 'run\n');
      assert.equal(execFileSync(script, ['run'], { encoding: 'utf8' }), 'script run\n');
      chmodSync(script, 0o644);
      trial.fails('EACCES', () => execFileSync(script));
    },
  },
  {
    name: 'the current directory follows a rename, and a removed one is ENOENT',
    run: async (trial) => {
      const path = trial.folder('d');
      const lines =
        'read -r go; echo text > made; read -r go; if true 2> /dev/null > new; then echo made; else echo gone; fi';
      const shell = spawn('sh', ['-c', lines], { cwd: path, stdio: ['pipe', 'pipe', 'inherit'] });
      const said = once(shell.stdout, 'data');
      renameSync(path, trial.path('e'));
      shell.stdin.write('go\n');
      while (!existsSync(trial.path('e', 'made'))) await new Promise((resolve) => setTimeout(resolve, 5));
      execFileSync('rm', ['-r', trial.path('e')]);
      shell.stdin.end('go\n');
      assert.equal(String((await said)[0]), 'gone\n');
    },
  },
  {
    name: 'a mount point is not renamed or removed: EBUSY; what is mounted hides what is below',
    unless: unlessRoot,
    run: (trial) => {
      const path = trial.folder('here');
      trial.file('here/below', 'hidden');
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'posix-suite', path]);
      try {
        assert.deepEqual(readdirSync(path), []);
        writeFileSync(`${path}/above`, 'on the other file system');
        trial.fails('EBUSY', () => rmdirSync(path));
        trial.fails('EBUSY', () => renameSync(path, trial.path('there')));
        trial.fails('EXDEV', () => renameSync(`${path}/above`, trial.path('above')));
        assert.notEqual(statSync(path).dev, statSync(trial.directory).dev);
        assert.equal(statSync(`${path}/..`).ino, statSync(trial.directory).ino);
      } finally {
        execFileSync('umount', ['-l', path]);
      }
      assert.deepEqual(readdirSync(path), ['below']);
      renameSync(path, trial.path('there'));
    },
  },
  {
    name: 'a directory is mounted a second time, and both show the same (mount --bind)',
    unless: unlessRoot,
    run: (trial) => {
      trial.folder('one');
      const two = trial.folder('two');
      execFileSync('mount', ['--bind', trial.path('one'), two]);
      try {
        trial.file('one/f', 'text');
        assert.equal(trial.text('two/f'), 'text');
        trial.file('two/f', 'changed');
        assert.equal(trial.text('one/f'), 'changed');
        trial.fails('EXDEV', () => renameSync(`${two}/f`, trial.path('f')));
      } finally {
        execFileSync('umount', ['-l', two]);
      }
      assert.deepEqual(trial.names('two'), []);
    },
  },
  {
    name: 'a file larger than the process may write is EFBIG (ulimit -f)',
    run: (trial) => {
      const script = `trap '' XFSZ; ulimit -f 8; LC_ALL=C dd if=/dev/zero of=big bs=1024 count=64 2>&1; true`;
      const said = execFileSync('bash', ['-c', script], { cwd: trial.directory, encoding: 'utf8' });
      assert.match(said, /File too large/);
      assert.ok(statSync(trial.path('big')).size <= 8192);
    },
  },
];
