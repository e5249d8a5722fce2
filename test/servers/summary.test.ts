import assert from 'node:assert/strict';
import { it } from 'node:test';
import { serverNames } from './installed.ts';
import type { Start } from './record.ts';
import { summary } from './summary.ts';

const starts: Start[] = [
  { name: 'apache-dav', milliseconds: 1000 },
  { name: 'apache-dav', milliseconds: 2000 },
  { name: 'nginx-dav', milliseconds: 100 },
];

it('says which servers ran, which did not and why, and what was skipped', () => {
  const said = summary({ passed: true, skipped: ['sabre-dav: no PHP'], starts, all: true }, (name) =>
    name === 'sabre-dav' ? 'Debian packages are missing: php-cli' : false,
  );
  for (const line of [
    '  ran      apache-dav (started 2 times, in 1.5 s)',
    '  ran      nginx-dav (started once, in 0.1 s)',
    '  NOT RUN  sabre-dav: Debian packages are missing: php-cli',
    '  NOT RUN  lighttpd-dav: no test has started it',
    '  sabre-dav: no PHP',
  ])
    assert.ok(said.includes(line), `${line} is in\n${said.join('\n')}`);
  assert.equal(said.at(-1), 'All tests that ran have passed; 4 of 6 servers did not run.');
});

it('says when tests have failed', () => {
  const all = serverNames.map((name): Start => ({ name, milliseconds: 1 }));
  const said = summary({ passed: false, skipped: [], starts: all, all: true });
  assert.equal(said.at(-1), 'TESTS HAVE FAILED; 0 of 6 servers did not run.');
});
