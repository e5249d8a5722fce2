import { createHash, randomUUID } from 'node:crypto';
import { SourceFailure } from '../../http/source-failure.ts';
import { exactStream } from '../../store/exact-stream.ts';
import type { CallOptions, Source } from '../../store/store.ts';
import { sendingDeadline } from '../google/google-client.ts';
import { jsonIn } from '../google/google-client.ts';
import { allDrives, type DriveCalls, type FileDescription, filesPath, pathOf } from './drive-calls.ts';
import { type DriveFile, fileFields, soundFile } from './drive-file.ts';
import { assertSum } from './upload-check.ts';

/** A file to be written, and what is said about it. */
export interface DriveUpload extends CallOptions {
  /** The file that gets new content; undefined: a new one. */
  readonly existing: string | undefined;
  readonly source: Source;
  readonly description: FileDescription;
}

/** What all content is told to be, so that Drive finds out by itself, and converts nothing. */
export const contentType = 'application/octet-stream';

/**
 * Writes a small file in one request, description and content together
 * (https://developers.google.com/workspace/drive/api/guides/manage-uploads#multipart).
 */
export async function uploadSmall(calls: DriveCalls, upload: DriveUpload): Promise<DriveFile> {
  const { existing, signal } = upload;
  const content = await heldBytes(upload);
  const id = existing ?? (await calls.newId({ signal }));
  const send = (): ReturnType<typeof calls.client.once> => calls.client.once(requestOf(upload, id, content));
  const file =
    existing === undefined
      ? await calls.making(id, { signal }, send, sendingDeadline)
      : await calls.client.retrying({ signal }, async () => soundFile(await jsonIn<DriveFile>(await send())), {
          deadline: sendingDeadline,
        });
  const sum = createHash('md5').update(content).digest('hex');
  await assertSum(calls, upload, file, sum);
  return file;
}

function requestOf(
  { existing, description, signal }: DriveUpload,
  id: string,
  content: Uint8Array,
): Parameters<DriveCalls['client']['once']>[0] {
  const boundary = randomUUID();
  const said = JSON.stringify(existing === undefined ? { ...description, id } : description);
  const head = `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${said}\r\n--${boundary}\r\ncontent-type: ${contentType}\r\n\r\n`;
  const isNew = existing === undefined;
  return {
    operation: isNew ? 'files.create' : 'files.update',
    method: isNew ? 'POST' : 'PATCH',
    path: `/upload${isNew ? filesPath : pathOf(id)}`,
    query: { uploadType: 'multipart', fields: fileFields, ...allDrives },
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    signal,
  };
}

async function heldBytes({ source, signal }: DriveUpload): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    // A source may use its buffer again.
    for await (const chunk of exactStream(source, { signal })) chunks.push(Buffer.from(chunk));
  } catch (error) {
    signal?.throwIfAborted();
    throw new SourceFailure(error);
  }
  return Buffer.concat(chunks);
}
