import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';
import { Terminal } from './prompt.ts';

/** A terminal over two streams. */
function over(): { terminal: Terminal; input: PassThrough; output: PassThrough } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const terminal = new Terminal(input as unknown as NodeJS.ReadStream, output as unknown as NodeJS.WriteStream);
  return { terminal, input, output };
}

it('answers that come before their questions, and all at once, are kept for them', async () => {
  const { terminal, input } = over();
  const first = terminal.ask('First: ');
  input.end('one\n two \nthree\n');
  assert.equal(await first, 'one');
  assert.equal(await terminal.ask('Second: ', { secret: true }), 'two');
  assert.equal(await terminal.ask('Third: '), 'three');
  await assert.rejects(terminal.ask('Fourth: '), /nobody answered/);
});

it('spaces around a password belong to it', async () => {
  const { terminal, input, output } = over();
  input.end(' pass word  \r\n name \n');
  assert.equal(await terminal.ask('Password: ', { secret: true, exact: true }), ' pass word  ');
  assert.equal(await terminal.ask('Name: '), 'name');
  assert.doesNotMatch(String(output.read()), /pass word/);
});

it('who does not wait any more gets the reason, and the answer goes to the next', async () => {
  const { terminal, input } = over();
  const controller = new AbortController();
  const given = terminal.ask('First: ', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(given, /enough/);
  input.write('late\n');
  assert.equal(await terminal.ask('Second: '), 'late');
  terminal[Symbol.dispose]();
});
