import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pageBytes, VolatileContent } from './volatile-content.ts';
import { VolatileNames } from './volatile-names.ts';

function textOf(content: VolatileContent): string {
  const into = new Uint8Array(content.size);
  content.read(0, into);
  return Buffer.from(into).toString();
}

describe('the content of a volatile disk', () => {
  it('loses what was not synced', () => {
    const content = new VolatileContent();
    content.write(0, Buffer.from('synced'));
    content.sync();
    content.write(0, Buffer.from('lost, and longer'));
    content.cut(() => false);
    assert.equal(textOf(content), 'synced');
  });

  it('keeps some pages, and the size, each for itself', () => {
    const content = new VolatileContent();
    content.write(0, Buffer.alloc(2 * pageBytes, 'a'));
    content.sync();
    content.write(0, Buffer.alloc(3 * pageBytes, 'b'));
    const kept = [true, true, false, false];
    content.cut(() => kept.shift() as boolean);
    assert.equal(textOf(content), 'b'.repeat(pageBytes) + 'a'.repeat(pageBytes) + '\0'.repeat(pageBytes));
  });

  it('keeps a page that was cut with the zeros behind the cut', () => {
    const content = new VolatileContent();
    content.write(0, Buffer.from('synced'));
    content.sync();
    content.resize(2);
    const kept = [false, true];
    content.cut(() => kept.shift() as boolean);
    assert.equal(textOf(content), 'sy\0\0\0\0');
  });

  it('forgets a cut that was not synced', () => {
    const content = new VolatileContent();
    content.write(0, Buffer.from('synced'));
    content.sync();
    content.resize(0);
    content.cut(() => false);
    assert.equal(textOf(content), 'synced');
  });
});

describe('the names of a volatile disk', () => {
  const add = (names: VolatileNames, directory: number, name: string, node: number): void =>
    names.change([{ directory, name, node }], [node]);

  it('are durable with their directory', () => {
    const names = new VolatileNames();
    add(names, 1, 'a', 2);
    add(names, 9, 'b', 3);
    names.syncDirectory(1);
    names.cut(() => false);
    assert.deepEqual([...names.of(1)], [['a', 2]]);
    assert.deepEqual([...names.of(9)], []);
  });

  it('are durable with what they rest on', () => {
    const names = new VolatileNames();
    add(names, 1, 'a', 2);
    names.change(
      [
        { directory: 1, name: 'a', node: undefined },
        { directory: 9, name: 'b', node: 2 },
      ],
      [2],
    );
    names.syncDirectory(9);
    names.cut(() => false);
    assert.deepEqual([[...names.of(1)], [...names.of(9)]], [[], [['b', 2]]]);
  });

  it('are lost with what they rest on', () => {
    const names = new VolatileNames();
    add(names, 1, 'a', 2);
    add(names, 1, 'c', 4);
    names.change([{ directory: 1, name: 'a', node: undefined }], [2]);
    const kept = [false, true, true];
    names.cut(() => kept.shift() as boolean);
    assert.deepEqual([...names.of(1)], [['c', 4]]);
  });

  it('are durable after what happened to their file before', () => {
    const [names, content] = [new VolatileNames(), new VolatileContent()];
    add(names, 1, 'a', 2);
    content.write(0, Buffer.from('of before'));
    content.sync();
    names.note(2, content.empty());
    content.write(0, Buffer.from('new'));
    add(names, 1, 'b', 2);
    names.syncDirectory(1);
    names.cut(() => false);
    content.cut(() => false);
    assert.deepEqual([...names.of(1).keys()], ['a', 'b']);
    assert.equal(textOf(content), '');
  });
});
