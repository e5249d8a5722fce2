import { StoreError } from '../../store/errors.ts';
import type { DeleteOptions } from '../../store/store.ts';
import { lookingFirst } from './conditions.ts';
import { failureOf } from './dav-failure.ts';
import { assertDone, type DavServer, isDone } from './dav-server.ts';
import { assertOwnAnswers, findEntry } from './find-resource.ts';
import { listDirectory } from './list-directory.ts';
import { assertNoFailure } from './multistatus.ts';

/**
 * `Store.delete`. A DELETE takes everything below with it (RFC 4918 section 9.6.1), so a directory is listed before, and a file is
 * deleted on the condition that it is still one, where the server keeps conditions.
 */
export async function deletePath(server: DavServer, path: string, options: DeleteOptions): Promise<void> {
  const { recursive = false, ifRevision, signal } = options;
  if (path === '/') throw new StoreError('InvalidPath', { path, message: 'the root cannot be deleted' });
  const expectation = { path, ifRevision, isTarget: false, mayBeGone: true, signal };
  await lookingFirst(server, expectation, async (found, condition) => {
    if (found === undefined) return await assertOwnAnswers(server, signal);
    const isDirectory = found.kind === 'directory';
    if (isDirectory && !recursive) await assertEmpty(server, path, signal);
    const answer = await server.exchange({ method: 'DELETE', path, isDirectory, headers: condition, signal });
    if (answer.status === 207) return await assertNoFailure(answer);
    if (!isDone(answer) && answer.status !== 404) throw await failureOf(answer);
    await answer.body.discard();
    if (answer.status === 404) await assertOwnAnswers(server, signal);
    await assertDone(answer, async () => (await findEntry(server, path, signal)) === undefined);
  });
}

async function assertEmpty(server: DavServer, path: string, signal: AbortSignal | undefined): Promise<void> {
  for await (const _ of listDirectory(server, path, signal)) throw new StoreError('NotEmpty', { path });
}
