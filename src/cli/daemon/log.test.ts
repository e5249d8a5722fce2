import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Log } from './log.ts';

describe('Log', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cloudfusion-test-'));
    file = join(directory, 'cache', 'cloudfusion.log');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('writes lines of its level and below, those from before it was opened too', () => {
    const log = new Log('warn');
    log.error('one');
    log.info('two');
    log.open('warn', file);
    log.warn('three\nmore');
    assert.match(readFileSync(file, 'utf8'), /^\S+Z error one\n\S+Z warn three\n {2}more\n$/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('goes on in another file when it is opened there', () => {
    const log = new Log('info');
    log.open('info', file);
    log.open('info', `${file}2`);
    log.info('one');
    assert.match(readFileSync(`${file}2`, 'utf8'), /info one\n$/);
    assert.equal(existsSync(file), false);
  });

  it('writes nothing without a level', () => {
    const log = new Log(undefined);
    log.error('one');
    log.open(undefined, file);
    log.error('two');
    assert.equal(existsSync(file), false);
  });

  it('writes to the place that was given at the beginning', () => {
    const lines: string[] = [];
    const log = new Log('debug', (line) => lines.push(line));
    log.open('debug', file);
    log.debug('one');
    assert.equal(lines.length, 1);
    assert.equal(existsSync(file), false);
  });

  it('keeps two old files when it has grown', () => {
    const log = new Log('info');
    log.open('info', file);
    for (const round of ['1', '2', '3', '4']) {
      log.info(round);
      writeFileSync(file, `${round}${' '.repeat(2_000_000)}`);
    }
    log.info('5');
    assert.match(readFileSync(file, 'utf8'), /info 5\n$/);
    assert.equal(readFileSync(`${file}.1`, 'utf8')[0], '4');
    assert.equal(readFileSync(`${file}.2`, 'utf8')[0], '3');
    assert.equal(existsSync(`${file}.3`), false);
  });
});
