import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredDriveFile } from '../../../test/fakes/google-drive/stored-drive-file.ts';
import { type TrialDrive, trialDrive } from '../../../test/fakes/google-drive/trial-drive.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import type { Store } from '../../store/store.ts';
import { exportEndings } from './export-formats.ts';

const limit = { timeout: 60_000 };
const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const exportAs = ['docx', 'xlsx', 'pdf'];

const failsWith =
  (code: StoreErrorCode, message = /./) =>
  (error: unknown): boolean =>
    isStoreError(error, code) && message.test(error.message);

function document(trial: TrialDrive, name: string, text: string, type = 'document'): StoredDriveFile {
  const file = trial.fake.disk.create({ name, mimeType: `application/vnd.google-apps.${type}` }, undefined, true);
  trial.fake.disk.edit(file, text);
  return file;
}

async function namesIn(store: Store, path = '/'): Promise<string[]> {
  return (await Array.fromAsync(store.list(path))).map((entry) => entry.path).sort();
}

function exportsMade(trial: TrialDrive): number {
  return trial.fake.requests.filter(({ path }) => path.endsWith('/export')).length;
}

describe('documents that are exported', limit, () => {
  it('are files with an ending, with their true size and bytes', async () => {
    await using trial = await trialDrive();
    const store = trial.open({ exportAs });
    document(trial, 'letter', 'Dear all');
    document(trial, 'table', '1;2', 'spreadsheet');
    document(trial, 'drawn', 'o', 'drawing');
    document(trial, 'form', '?', 'form');
    assert.deepEqual(await namesIn(store), ['/drawn.pdf', '/form', '/letter.docx', '/table.xlsx']);
    const entry = await store.stat('/letter.docx');
    const text = await readText(store, '/letter.docx');
    assert.equal(text, `${word}\nDear all`);
    assert.ok(entry.kind === 'file' && entry.size === text.length);
    const { body } = await store.read('/letter.docx', {
      offset: word.length + 1,
      length: 4,
      ifRevision: entry.revision,
    });
    assert.equal(Buffer.concat(await Array.fromAsync(body)).toString(), 'Dear');
    assert.deepEqual(await readText(trial.open({ exportAs: ['md'] }), '/letter.md'), 'text/markdown\nDear all');
    await assert.rejects(store.stat('/letter'), failsWith('NotFound'));
  });

  it('are exported once, and again when they change', async () => {
    await using trial = await trialDrive();
    const store = trial.open({ exportAs });
    const file = document(trial, 'letter', 'one');
    const [before] = await Array.fromAsync(store.list('/'));
    for (let time = 0; time < 3; time++) await store.stat('/letter.docx');
    await readText(store, '/letter.docx');
    assert.equal(exportsMade(trial), 1);
    trial.fake.disk.edit(file, 'another');
    const after = await store.stat('/letter.docx');
    assert.ok(after.kind === 'file' && before?.kind === 'file' && after.revision !== before.revision);
    await assert.rejects(store.read('/letter.docx', { ifRevision: before.revision }), failsWith('Conflict'));
    assert.equal(await readText(store, '/letter.docx'), `${word}\nanother`);
    assert.equal(exportsMade(trial), 2);
  });

  it('are never put together from two exports', async () => {
    await using trial = await trialDrive();
    trial.fake.disk.exportsDiffer = true;
    const store = trial.open({ exportAs });
    const large = 'x'.repeat(9_000_000);
    document(trial, 'first', large);
    const first = await store.stat('/first.docx');
    assert.ok(first.kind === 'file');
    // These are as many as are held, so the first one is exported again, differently.
    for (let i = 0; i < 4; i++) document(trial, `later${i}`, large);
    assert.equal((await namesIn(store)).length, 5);
    await assert.rejects(store.read(first.path, { ifRevision: first.revision, offset: 5 }), failsWith('Conflict'));
    const again = await store.stat(first.path);
    assert.ok(again.kind === 'file' && again.revision !== first.revision);
    const { entry } = await store.read(first.path, { ifRevision: again.revision });
    assert.equal(entry.revision, again.revision);
  });

  it('stay links where Google refuses to export them, and where it breaks each time', async () => {
    await using trial = await trialDrive();
    const tooLarge = 'x'.repeat(11_000_000);
    document(trial, 'large', tooLarge);
    document(trial, 'drawn', tooLarge, 'drawing');
    const store = trial.open({ exportAs });
    assert.deepEqual(await namesIn(store), ['/drawn', '/large']);
    assert.match(await readText(store, '/large'), /^\[InternetShortcut\]/);
    const made = exportsMade(trial);
    assert.deepEqual(await namesIn(store), ['/drawn', '/large']);
    assert.equal(exportsMade(trial), made);
  });

  it('keep the export of before while Google breaks', async () => {
    await using trial = await trialDrive();
    const store = trial.open({ exportAs });
    const file = document(trial, 'drawn', 'small', 'drawing');
    await readText(store, '/drawn.pdf');
    trial.fake.disk.edit(file, 'x'.repeat(11_000_000));
    assert.equal(await readText(store, '/drawn.pdf'), 'application/pdf\nsmall');
  });

  it('are not taken for gone when the service cannot be reached', async () => {
    await using trial = await trialDrive();
    document(trial, 'letter', 'x');
    const store = trial.open({ exportAs, retry: { attempts: 1 } });
    trial.fake.faults.add({ when: ({ rawPath }) => rawPath.endsWith('/export'), answer: { status: 503 } });
    await assert.rejects(namesIn(store), failsWith('Unavailable'));
  });

  it('beside a file of that name are shown apart', async () => {
    await using trial = await trialDrive();
    trial.make('letter.docx', 'a file');
    const { id } = document(trial, 'letter', 'a document');
    const apart = `/letter (${id}).docx`;
    const store = trial.open({ exportAs });
    assert.deepEqual(await namesIn(store), [apart, '/letter.docx']);
    assert.equal(await readText(trial.open({ exportAs }), apart), `${word}\na document`);
    assert.equal(await readText(trial.open({ exportAs }), '/letter.docx'), 'a file');
  });

  it('are renamed, copied and deleted under their ending, and not written', async () => {
    await using trial = await trialDrive();
    const store = trial.open({ exportAs });
    const file = document(trial, 'letter', 'text');
    await assert.rejects(writeBytes(store, '/letter.docx', 'x'), failsWith('Unsupported', /not replaced/));
    await assert.rejects(
      store.move('/letter.docx', '/letter.txt'),
      failsWith('Unsupported', /keeps its ending \.docx/),
    );
    await store.move('/letter.docx', '/folder/moved.docx');
    assert.equal(file.name, 'moved');
    await store.copy('/folder', '/copied');
    assert.equal(await readText(store, '/copied/moved.docx'), `${word}\ntext`);
    await store.copy('/copied/moved.docx', '/again.docx');
    await store.delete('/folder/moved.docx');
    assert.equal(file.trashed, true);
    assert.deepEqual(await namesIn(store), ['/again.docx', '/copied', '/folder']);
  });

  it('are told as something to look at when they change, and a file of such a name is not told as gone', async () => {
    await using trial = await trialDrive();
    const store = trial.open({ exportAs });
    trial.make('letter', 'a file');
    const file = document(trial, 'letter', 'text');
    await namesIn(store);
    let { position } = await store.changes(undefined);
    const news = async (): Promise<object> => {
      const { told, position: next } = await store.changes(position);
      position = next;
      return Object.fromEntries(told.map(({ path, entry }) => [path, entry === undefined ? 'look' : entry]));
    };
    trial.fake.disk.edit(file, 'other');
    const made = exportsMade(trial);
    assert.deepEqual(await news(), { '/letter': 'look', '/letter.docx': 'look' });
    assert.equal(exportsMade(trial), made);
    trial.fake.disk.delete(file);
    assert.deepEqual(await news(), { '/letter': 'look', '/letter.docx': 'look' });
    assert.deepEqual(await namesIn(store), ['/letter']);
  });
});

describe('the endings of exports', () => {
  it('are read with and without dots, and others are refused', () => {
    assert.deepEqual(exportEndings('docx, .XLSX pdf'), ['docx', 'xlsx', 'pdf']);
    assert.deepEqual(exportEndings(''), []);
    for (const wrong of ['doc', 'constructor'])
      assert.throws(() => exportEndings(wrong), failsWith('Unsupported', /takes docx/));
  });
});
