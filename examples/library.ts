/** A store through the library: a write-back cache over counted storage, here in memory; `new LocalStore({ root })` works as well. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyTree, MemoryStore, readText, withStatistics, withWriteBackCache, writeBytes } from 'cloudfusion';

const directory = await mkdtemp(join(tmpdir(), 'library-example-'));
const remote = withStatistics(new MemoryStore());
const files = withWriteBackCache(remote, { directory, uploadDelay: 10_000 });
try {
  // Answered when it is safe on this disk. The ten versions will be one upload.
  for (let version = 1; version <= 10; version++) await writeBytes(files, '/notes/today.txt', `version ${version}`);
  console.log(
    'waiting:',
    files
      .pending()
      .map(({ path }) => path)
      .join(', '),
  );

  // Sends everything now instead of after the delay.
  await files.drain();
  console.log('sent:', await readText(remote, '/notes/today.txt'));
  console.log('uploads:', remote.statistics().operations.write.calls);

  // The cache is a store like any other.
  await copyTree(files, '/notes', files, '/archive');
  for await (const entry of files.list('/', { recursive: true })) console.log(entry.kind, entry.path);
} finally {
  await files.close();
  await rm(directory, { recursive: true });
}

// Prints:
// waiting: /notes, /notes/today.txt
// sent: version 10
// uploads: 1
// directory /notes
// file /notes/today.txt
// directory /archive
// file /archive/today.txt
