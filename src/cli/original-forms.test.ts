import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translateOriginalForm } from './original-forms.ts';

const commands = ['mount', 'stop', 'sync', 'status', 'start', 'uuid', 'version', 'serve', 'help'];

function translate(line: string, existing: string[] = []): string {
  return translateOriginalForm(line.split(' '), commands, (path) => existing.includes(path)).join(' ');
}

describe('translateOriginalForm', () => {
  const translated: [original: string, now: string][] = [
    ['--config a.ini /mnt', 'mount /mnt --config a.ini'],
    ['--config=a.ini mnt', 'mount mnt --config=a.ini'],
    ['/mnt --config a.ini foreground', 'mount /mnt --config a.ini --foreground'],
    ['/mnt', 'mount /mnt'],
    ['mnt', 'mount mnt'],
    ['/mnt foreground log profile', 'mount /mnt --foreground --log info --profile'],
    ['--config a.ini /mnt log', 'mount /mnt --config a.ini --log info'],
    ['/mnt stop', 'stop /mnt'],
    ['--config a.ini statu', 'mount statu --config a.ini'],
    ['./stop stop', 'stop ./stop'],
  ];
  for (const [original, now] of translated) it(original, () => assert.equal(translate(original), now));

  const kept = [
    'mount /mnt',
    'mount --config a.ini /mnt',
    'stop /mnt --wait',
    'status',
    'uuid',
    '--help',
    '--version',
    '/mnt stop now',
    '/mnt forground',
    'mnt toString',
    '--config a.ini',
    '--config',
    'statu',
    'moutn /mnt',
  ];
  for (const line of kept) it(`${line} is left as it is`, () => assert.equal(translate(line), line));

  it('takes a word like a command for a mount point when it exists', () => {
    assert.equal(translate('statu', ['statu']), 'mount statu');
  });

  it('leaves no arguments alone', () => assert.deepEqual(translateOriginalForm([], commands), []));
});
