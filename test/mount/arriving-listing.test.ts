import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

const many = 3000;
/** How long the first names may take to come out of a loaded machine. */
const patience = 60_000;

/** Waits until some hundred names were printed. */
async function printed(lines: readonly string[]): Promise<void> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(10))
    if (lines.join('').split('\n').length >= 500) return;
  throw new Error('no names were printed');
}

describe('a listing that is on its way', { skip: withoutFuse, timeout: 120_000 }, () => {
  let mounted: Mounted;
  let directory: string;

  beforeEach(async () => {
    mounted = await mountStore();
    directory = join(mounted.data, 'many');
    await runShell(`mkdir many; cd many; seq -f 'name-%05g' ${many} | xargs touch`, mounted.storeDirectory);
    await runShell('until test -e many; do sleep 0.05; done', mounted.data);
    await mounted.daemon.ask('hold listings');
  });
  afterEach(async () => {
    await mounted.daemon.ask('heal listings');
    await mounted[Symbol.asyncDispose]();
  });

  /** `ls` in a process of its own, and what it has printed so far. */
  function list(...options: readonly string[]): { ls: ChildProcessByStdio<null, Readable, Readable>; lines: string[] } {
    const ls = spawn('ls', ['-U', ...options, directory], { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    ls.stdout.setEncoding('utf8').on('data', (data: string) => lines.push(data));
    return { ls, lines };
  }

  it('is printed while it arrives, each name once', async () => {
    const { ls, lines } = list();
    const ended = once(ls, 'close');
    await printed(lines);
    assert.equal(ls.exitCode, null, 'the rest is still held back');
    await mounted.daemon.ask('heal listings');
    assert.deepEqual(await ended, [0, null]);
    const names = lines.join('').trim().split('\n');
    assert.equal(names.length, many);
    assert.equal(new Set(names).size, many);
    assert.deepEqual(await mounted.errors(), []);
  });

  it('fails where it fails, and is whole when it is asked for again', async () => {
    const { ls, lines } = list();
    const [errors, ended] = [text(ls.stderr), once(ls, 'close')];
    await printed(lines);
    await mounted.daemon.ask('fail listings');
    assert.deepEqual(await ended, [2, null]);
    assert.match(await errors, /Input\/output error/);
    const found = lines.join('').trim().split('\n').length;
    assert.ok(found >= 500 && found < many, `${found} names`);
    await mounted.daemon.ask('heal listings');
    assert.equal(await runShell('ls -U many | wc -l; ls -l many | wc -l', mounted.data), `${many}\n${many + 1}\n`);
  });

  it('does not mind that its reader is killed', async () => {
    const { ls, lines } = list('-f');
    const ended = once(ls, 'close');
    await printed(lines);
    ls.kill('SIGINT');
    assert.deepEqual(await ended, [null, 'SIGINT']);
    await mounted.daemon.ask('heal listings');
    assert.equal(await runShell('ls -U many | sort -u | wc -l', mounted.data), `${many}\n`);
    assert.deepEqual(await mounted.errors(), []);
  });

  it('tells the names that have come to who asks for one of them', async () => {
    const { ls, lines } = list();
    const ended = once(ls, 'close');
    await printed(lines);
    const first = lines.join('').split('\n')[0] as string;
    assert.equal(await runShell(`stat -c %s many/${first}; cat many/${first}`, mounted.data), '0\n');
    assert.equal(ls.exitCode, null, 'the rest is still held back');
    await mounted.daemon.ask('heal listings');
    await ended;
  });
});
