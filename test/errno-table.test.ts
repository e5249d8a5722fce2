import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { errnoRows } from './posix/cases/errno-cases.ts';

it('docs/errors.md has the reasons that the POSIX suite tries, in their order', async () => {
  const text = await readFile(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const [, table = ''] = /^### Why a call fails\n([^]*?)^#/m.exec(text) ?? [];
  const rows = [...table.matchAll(/^\| (.+) \| `(E\w+)` \|$/gm)].map(([, reason, errno]) => ({ errno, reason }));
  assert.deepEqual(
    rows,
    errnoRows.map(({ errno, reason }) => ({ errno, reason })),
  );
});
