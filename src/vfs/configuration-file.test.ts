import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { beforeEach, describe, it } from 'node:test';
import { FileSystemClient, fails, noFlags, writeNew } from '../../test/fakes/file-system-client.ts';
import { RecordedControl } from '../../test/fakes/recorded-control.ts';
import { CloudFileSystem } from './cloud-file-system.ts';
import { maxSmallContent } from './small-content.ts';

const { O_APPEND, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const path = '/config/config';

describe('config/config', { timeout: 20_000 }, () => {
  let control: RecordedControl;
  let fileSystem: CloudFileSystem;
  let client: FileSystemClient;
  const setSize = async (size: number, handle?: number): Promise<number> =>
    (await fileSystem.setattr(await client.node(path), { size, handle }, client.request)).attributes.size;

  beforeEach(() => {
    control = new RecordedControl();
    fileSystem = new CloudFileSystem({ control, uid: 0, gid: 0 });
    client = new FileSystemClient(fileSystem);
  });

  it('is put in force when it is closed, and read back', async () => {
    await client.writeFile(path, '[store]\nname = local\n');
    assert.deepEqual(control.configured, ['[store]\nname = local\n']);
    assert.equal(await client.readFile(path), '[store]\nname = local\n');
    assert.equal((await client.stat(path)).size, 21);
  });

  it('is put together from many writes', async () => {
    const file = await client.open(path, writeNew);
    await client.write(file, '[store]\n');
    await client.write(file, 'name = local\n', 8);
    assert.deepEqual(control.configured, [], 'not before it is closed');
    await client.close(file);
    assert.deepEqual(control.configured, ['[store]\nname = local\n']);
  });

  it('fails at close when it is refused, each time, and what is in force stays', async () => {
    const file = await client.open(path, writeNew);
    await client.write(file, 'wrong');
    await fails('EINVAL', () => client.flush(file));
    await fails('EINVAL', () => client.flush(file));
    assert.deepEqual(control.configured, ['wrong'], 'refused once');
    assert.equal(await client.readFile(path), '# nothing yet\n');
    await client.write(file, 'right');
    await client.close(file);
    assert.equal(await client.readFile(path), 'right');
  });

  it('is put in force once, however many descriptors are closed', async () => {
    const file = await client.open(path, writeNew);
    await client.flush(file);
    await client.write(file, 'a = 1');
    await Promise.all([client.flush(file), client.flush(file)]);
    await client.close(file);
    assert.deepEqual(control.configured, ['a = 1']);
  });

  it('is never put in force empty', async () => {
    await client.close(await client.open(path, writeNew));
    const file = await client.open(path, O_WRONLY);
    assert.equal(await setSize(0, file.handle), 0);
    await client.close(file);
    assert.deepEqual(control.configured, []);
    assert.equal(await client.readFile(path), '# nothing yet\n');
  });

  it('is emptied by path and written afterwards', async () => {
    assert.equal(await setSize(0), 0);
    assert.equal((await client.stat(path)).size, 0);
    const file = await client.open(path, O_WRONLY);
    await client.write(file, 'a = 1');
    await client.close(file);
    assert.deepEqual(control.configured, ['a = 1']);
    assert.equal(await client.readFile(path), 'a = 1');
  });

  it('is as before when a writer took up the empty file and wrote nothing', async () => {
    await setSize(0);
    await client.close(await client.open(path, O_WRONLY));
    assert.equal(await client.readFile(path), '# nothing yet\n');
    assert.deepEqual(control.configured, []);
  });

  it('is what was put in force, though it was emptied by path before', async () => {
    await setSize(0);
    await client.writeFile('/config/new', 'a = 1');
    await client.rename('/config/new', path);
    assert.equal(await client.readFile(path), 'a = 1');
  });

  it('is appended to, wherever the kernel believes its end', async () => {
    const file = await client.open(path, O_WRONLY | O_APPEND);
    await client.write(file, 'a = 1', 3);
    await client.write(file, '\n', 0);
    assert.equal(await setSize(19, file.handle), 19);
    await client.close(file);
    assert.deepEqual(control.configured, ['# nothing yet\na = 1']);
  });

  it('belongs to each writer alone until he closes', async () => {
    const one = await client.open(path, writeNew);
    const other = await client.open(path, writeNew);
    await client.write(one, 'one');
    await client.write(other, 'other');
    assert.equal(await client.readFile(path), '# nothing yet\n');
    await client.close(other);
    await client.close(one);
    assert.deepEqual(control.configured, ['other', 'one']);
  });

  it('can be read by whoever writes it', async () => {
    const file = await client.open(path, O_RDWR);
    await client.write(file, '#!', 0);
    assert.equal(await client.read(file), '#!nothing yet\n');
    await client.close(file);
  });

  it('is not changed by reading or touching', async () => {
    await client.close(await client.open(path, O_RDONLY));
    await client.close(await client.open(path, O_RDWR));
    await fileSystem.setattr(await client.node(path), { mtime: 'now', mode: 0o100644 }, client.request);
    assert.deepEqual(control.configured, []);
    assert.equal((await client.stat(path)).mode, 0o100600);
  });

  it('is UTF-8 and not endless', async () => {
    const file = await client.open(path, writeNew);
    await fileSystem.write(file.node, file.handle, 0, Uint8Array.of(0xff, 0xfe), client.request);
    await fails('EINVAL', () => client.flush(file));
    await fails('EFBIG', () => client.write(file, 'x', maxSmallContent));
    await fails('EFBIG', () => setSize(maxSmallContent + 1, file.handle));
    assert.deepEqual(control.configured, []);
  });

  it('is saved by rename', async () => {
    await client.writeFile('/config/.config.tmp', 'a = 1');
    assert.deepEqual(control.configured, []);
    assert.equal(await client.readFile('/config/.config.tmp'), 'a = 1');
    await client.rename('/config/.config.tmp', path);
    assert.deepEqual(control.configured, ['a = 1']);
    assert.equal(await client.exists('/config/.config.tmp'), false);
    assert.equal(await client.readFile(path), 'a = 1');
  });

  it('refuses a rename as it refuses a write, and keeps the other file', async () => {
    await client.writeFile('/config/new', 'wrong');
    await fails('EINVAL', () => client.rename('/config/new', path));
    assert.equal(await client.readFile('/config/new'), 'wrong');
    await client.close((await client.create('/config/empty')).file);
    await fails('EINVAL', () => client.rename('/config/empty', path));
    await fails('EEXIST', () => client.rename('/config/new', path, { ...noFlags, noReplace: true }));
    await fails('EINVAL', () => client.rename('/config/new', path, { ...noFlags, exchange: true }));
    await fails('ENOENT', () => client.rename('/config/none', path));
    await client.rename(path, path);
    assert.deepEqual(control.configured, ['wrong']);
  });

  it('leaves a backup for editors that move it away first', async () => {
    await client.rename(path, '/config/config~');
    assert.equal(await client.readFile('/config/config~'), '# nothing yet\n');
    await client.writeFile(path, 'a = 1');
    await client.unlink('/config/config~');
    assert.deepEqual([control.configured, control.stops], [['a = 1'], 0]);
    assert.equal(await client.exists('/config/config~'), false);
  });

  it('has neighbours that work like files', async () => {
    const { file } = await client.create('/config/.swap');
    await client.write(file, '123');
    await client.write(file, '56', 4);
    assert.equal(await client.read(file), '123\x0056');
    await fileSystem.setattr(file.node, { size: 2 }, client.request);
    await client.rename('/config/.swap', '/config/.swap2');
    assert.equal(await client.readFile('/config/.swap2'), '12');
    await client.unlink('/config/.swap2');
    assert.equal(await client.read(file), '12', 'while it is open');
    assert.equal((await fileSystem.getattr(file.node, undefined, client.request)).attributes.size, 2);
    await client.close(file);
    await fails('ESTALE', () => fileSystem.getattr(file.node, undefined, client.request));
    const again = await client.create('/config/.swap');
    await client.writeFile('/config/.log', 'long line');
    await client.writeFile('/config/.log', 'line');
    const log = await client.open('/config/.log', O_WRONLY | O_APPEND);
    await client.write(log, 's');
    await fileSystem.setattr(log.node, { size: 2, handle: log.handle }, client.request);
    await fileSystem.setattr(log.node, { size: 4 }, client.request);
    await client.write(log, '!', 0);
    assert.equal(await client.readFile('/config/.log'), 'li\0\0!');
    assert.notEqual(again.file.node, file.node, 'a number is not used twice');
    assert.deepEqual(control.configured, []);
  });
});
