import { assertParameters, type FakeAnswer } from '../google-storage/fake-request.ts';
import { parseMultipart } from '../google-storage/multipart-body.ts';
import { describedIn, type DriveCall, driveJson, knowsAllDrives, usualFields } from './drive-call.ts';
import type { Described } from './drive-disk.ts';
import { driveFault } from './drive-fault.ts';
import { DriveSession } from './drive-session.ts';
import type { StoredDriveFile } from './stored-drive-file.ts';

/** 5 MB, and the description. */
const multipartBytes = 5 * 1024 * 1024 + 4096;

/** Content for a new file, or for the file `id` (https://developers.google.com/workspace/drive/api/guides/manage-uploads). */
export function answerUpload(call: DriveCall, id: string | undefined): FakeAnswer {
  const { request, sessions } = call;
  const known = ['uploadType', 'supportsAllDrives', 'upload_id', 'addParents', 'removeParents', 'keepRevisionForever'];
  assertParameters(request.query, known);
  if (request.query.has('upload_id')) return answerSession(call);
  if (request.method !== (id === undefined ? 'POST' : 'PATCH')) throw driveFault(404, 'notFound', 'Not Found');
  const all = knowsAllDrives(call);
  const existing = id === undefined ? undefined : call.disk.file(id, all);
  const finish = (described: Described, content: Buffer): StoredDriveFile => {
    if (existing === undefined) return call.disk.create(described, content, all);
    if (existing.content === undefined) throw driveFault(403, 'fileNotUploadable', 'The file has no binary content.');
    call.disk.update(existing, described, content);
    return existing;
  };
  const type = request.query.get('uploadType');
  if (type === 'multipart') return multipart(call, finish);
  if (type !== 'resumable') throw driveFault(400, 'badRequest', `Unknown upload type ${type}`);
  const described = describedIn(request.body);
  const size = request.headers['x-upload-content-length'];
  const session = new DriveSession(size === undefined ? undefined : Number(size), (content) =>
    finish(described, content),
  );
  sessions.set(session.id, session);
  const query = new URLSearchParams(request.query);
  query.set('upload_id', session.id);
  return {
    status: 200,
    headers: { location: `${call.disk.addresses}${request.rawPath}?${query.toString()}`, 'content-length': '0' },
  };
}

function multipart(call: DriveCall, finish: (described: Described, content: Buffer) => StoredDriveFile): FakeAnswer {
  const { headers, body } = call.request;
  if (body.length > multipartBytes) throw driveFault(413, 'uploadTooLarge', 'A multipart upload takes 5 MB.');
  const [said, media, ...more] = parseMultipart(headers['content-type'], 'related', body);
  if (said === undefined || media === undefined || more.length > 0)
    throw driveFault(400, 'badRequest', 'A multipart upload has two parts.');
  return driveJson(call, call.disk.resource(finish(describedIn(said.content), media.content)), usualFields);
}

function answerSession(call: DriveCall): FakeAnswer {
  const { request, sessions, disk } = call;
  const id = request.query.get('upload_id') ?? '';
  const session = sessions.get(id);
  if (session === undefined) throw driveFault(404, 'notFound', 'Upload session not found');
  if (request.method === 'DELETE') {
    sessions.delete(id);
    return { status: 499 };
  }
  // Google's clients for Go send chunks by POST.
  if (request.method !== 'PUT' && request.method !== 'POST') throw driveFault(404, 'notFound', 'Not Found');
  const result = session.put(request, call.persistOnly);
  return 'status' in result ? result : driveJson(call, disk.resource(result), usualFields);
}
