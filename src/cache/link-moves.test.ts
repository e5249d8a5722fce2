import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial, contentsOf } from '../../test/fakes/cache-trial.ts';

const limit = { timeout: 30_000 };
const owner = { mode: 0o777, uid: 1000, gid: 1000 };

/** A tree with the links `l` and `m`, the file `f` and the directory `d`, sent. */
async function trialWithLinks(t: TestContext): Promise<CacheTrial> {
  const trial = new CacheTrial(t);
  const { tree } = trial;
  await tree.makeLink(tree.root, 'l', 'to l', owner);
  await tree.makeLink(tree.root, 'm', 'to m', owner);
  await trial.save('/f', 'file');
  await trial.makeDirectory('/d');
  await trial.cache.drain();
  return trial;
}

/** What is shown, and that the store comes to hold just that. */
async function assertShown(trial: CacheTrial, expected: Readonly<Record<string, string>>): Promise<void> {
  const { tree } = trial;
  await trial.cache.drain();
  const shown: Record<string, string> = {};
  const stored: Record<string, string | null> = {};
  for (const node of await tree.list(tree.root)) {
    const { shownName, link, kind } = node;
    if (kind === 'directory') stored[`/${shownName}`] = null;
    if (kind === 'directory') continue;
    assert.equal((await trial.find(`/${shownName}`))?.id, node.id);
    const text = link ? await tree.readLink(node.id) : await trial.text(`/${shownName}`);
    shown[shownName] = link ? `-> ${text}` : text;
    stored[link ? `/${shownName}.rclonelink` : `/${shownName}`] = text;
  }
  assert.deepEqual(shown, expected);
  assert.deepEqual(await contentsOf(trial.store), stored);
}

describe('names of symbolic links', () => {
  it('are taken for everything else', limit, async (t) => {
    const trial = await trialWithLinks(t);
    const { tree } = trial;
    for (const name of ['l', 'f', 'd', 'l.rclonelink']) {
      await assert.rejects(async () => tree.makeLink(tree.root, name, 'x', owner), { code: 'AlreadyExists' }, name);
      await assert.rejects(async () => tree.createFile(tree.root, name, owner), { code: 'AlreadyExists' }, name);
      await assert.rejects(async () => tree.makeDirectory(tree.root, name, owner), { code: 'AlreadyExists' }, name);
    }
    await assertShown(trial, { l: '-> to l', m: '-> to m', f: 'file' });
  });

  it('follow a rename, within a directory and into another', limit, async (t) => {
    const trial = await trialWithLinks(t);
    const number = await trial.id('/l');
    await trial.rename('/l', '/d/n');
    assert.equal(await trial.id('/d/n'), number);
    await trial.rename('/d/n', '/n');
    await assertShown(trial, { n: '-> to l', m: '-> to m', f: 'file' });
  });

  for (const [from, to, expected] of [
    ['l', 'm', { m: '-> to l', f: 'file' }],
    ['l', 'f', { f: '-> to l', m: '-> to m' }],
    ['f', 'l', { l: 'file', m: '-> to m' }],
  ] as const)
    it(`replace and are replaced: ${from} over ${to}`, limit, async (t) => {
      const trial = await trialWithLinks(t);
      await trial.rename(`/${from}`, `/${to}`);
      await assertShown(trial, expected);
    });

  for (const [from, to, expected] of [
    ['l', 'm', { l: '-> to m', m: '-> to l', f: 'file' }],
    ['l', 'f', { l: 'file', m: '-> to m', f: '-> to l' }],
    ['f', 'l', { l: 'file', m: '-> to m', f: '-> to l' }],
  ] as const)
    it(`are exchanged: ${from} and ${to}`, limit, async (t) => {
      const trial = await trialWithLinks(t);
      const { tree } = trial;
      const numbers = [await trial.id(`/${from}`), await trial.id(`/${to}`)];
      await tree.rename(tree.root, from, tree.root, to, { exchange: true });
      assert.deepEqual([await trial.id(`/${to}`), await trial.id(`/${from}`)], numbers);
      await assertShown(trial, expected);
    });

  it('are exchanged with a directory', limit, async (t) => {
    const trial = await trialWithLinks(t);
    const { tree } = trial;
    await tree.rename(tree.root, 'd', tree.root, 'l', { exchange: true });
    assert.equal((await trial.find('/l'))?.kind, 'directory');
    await assertShown(trial, { d: '-> to l', m: '-> to m', f: 'file' });
  });

  it('keep the rules of rename', limit, async (t) => {
    const trial = await trialWithLinks(t);
    const { tree } = trial;
    const { root } = tree;
    await assert.rejects(trial.rename('/l', '/d'), { code: 'IsADirectory' });
    await assert.rejects(trial.rename('/d', '/l'), { code: 'NotADirectory' });
    await assert.rejects(trial.rename('/f', '/l.rclonelink'), { code: 'AlreadyExists' });
    await assert.rejects(trial.rename('/m', '/l.rclonelink'), { code: 'AlreadyExists' });
    await assert.rejects(async () => tree.rename(root, 'f', root, 'l', { noReplace: true }), { code: 'AlreadyExists' });
    await assert.rejects(async () => tree.rename(root, 'l.rclonelink', root, 'x', {}), { code: 'NotFound' });
    await trial.rename('/l', '/l');
    await assertShown(trial, { l: '-> to l', m: '-> to m', f: 'file' });
  });

  it('are free after unlink', limit, async (t) => {
    const trial = await trialWithLinks(t);
    await assert.rejects(trial.remove('/l.rclonelink'), { code: 'NotFound' });
    await assert.rejects(trial.remove('/l', 'directory'), { code: 'NotADirectory' });
    await trial.remove('/l');
    await trial.save('/l', 'now a file');
    await trial.remove('/f');
    await trial.tree.makeLink(trial.tree.root, 'f', 'l', owner);
    await assertShown(trial, { l: 'now a file', m: '-> to m', f: '-> l' });
  });
});
