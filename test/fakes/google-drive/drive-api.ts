import { assertParameters, type FakeAnswer, segmentsOfPath } from '../google-storage/fake-request.ts';
import { parseRange } from '../google-storage/media-answer.ts';
import { answerChanges } from './drive-change-answers.ts';
import { describedIn, type DriveCall, driveJson, knowsAllDrives, usualFields } from './drive-call.ts';
import { driveFault } from './drive-fault.ts';
import { exportFormats, exportPath } from './drive-export-formats.ts';
import { answerExport, answerExportLink } from './drive-exports.ts';
import { parseSearch } from './drive-search.ts';
import { answerUpload } from './drive-uploads.ts';
import type { StoredDriveFile } from './stored-drive-file.ts';

const all = 'supportsAllDrives';

/** Answers a request of Drive's API, version 3 (https://developers.google.com/workspace/drive/api/reference/rest/v3). */
export function answerDrive(call: DriveCall): FakeAnswer {
  const { accounts, request } = call;
  const segments = segmentsOfPath(request.rawPath);
  const isUpload = segments[0] === 'upload';
  const [drive, version, area, id, verb, revision] = isUpload ? segments.slice(1) : segments;
  const isSession = isUpload && request.query.has('upload_id');
  if (!isSession) accounts.bearer(request.headers.authorization, request.method === 'GET' ? 'read' : 'write');
  if (request.rawPath === exportPath && request.method === 'GET') return answerExportLink(call);
  if (drive !== 'drive' || version !== 'v3') throw driveFault(404, 'notFound', 'Not Found');
  if (isUpload && area === 'files' && verb === undefined) return answerUpload(call, id);
  if (area === 'about' && id === undefined) return answerAbout(call);
  if (area === 'changes' && request.method === 'GET') return answerChanges(call, id);
  if (area !== 'files') throw driveFault(404, 'notFound', 'Not Found');
  if (id === undefined) return request.method === 'GET' ? listFiles(call) : createFile(call);
  if (id === 'generateIds') return generateIds(call);
  const file = call.disk.file(id, knowsAllDrives(call));
  if (verb === undefined) return answerFile(call, file);
  if (verb === 'export' && revision === undefined && request.method === 'GET') return answerExport(call, file);
  if (verb === 'copy' && revision === undefined) return copyFile(call, file);
  if (verb === 'revisions' && revision !== undefined) return answerRevision(call, file, revision);
  throw driveFault(404, 'notFound', 'Not Found');
}

function answerAbout(call: DriveCall): FakeAnswer {
  assertParameters(call.request.query, []);
  if (!call.request.query.has('fields'))
    throw driveFault(400, 'required', "The 'fields' parameter is required for this method.");
  const { limit, used, usedByTrash } = call.disk;
  const user = { kind: 'drive#user', displayName: 'Anna', emailAddress: 'anna@example.com' };
  const storageQuota = {
    limit: String(limit),
    usage: String(used),
    usageInDrive: String(used),
    usageInDriveTrash: String(usedByTrash),
  };
  return driveJson(call, { kind: 'drive#about', user, storageQuota, exportFormats, importFormats: {} });
}

function listFiles(call: DriveCall): FakeAnswer {
  const { disk, request } = call;
  const { query } = request;
  assertParameters(query, [
    'q',
    'pageSize',
    'pageToken',
    'corpora',
    'driveId',
    'includeItemsFromAllDrives',
    all,
    'spaces',
    'orderBy',
  ]);
  const size = Number(query.get('pageSize') ?? 100);
  if (!(size >= 1 && size <= 1000)) throw driveFault(400, 'invalidParameter', 'Invalid value for: pageSize');
  const driveId = query.get('driveId');
  if ((query.get('corpora') === 'drive') !== (driveId !== null))
    throw driveFault(400, 'invalid', 'corpora=drive and driveId belong together.');
  const knowsShared = knowsAllDrives(call) && query.get('includeItemsFromAllDrives') === 'true';
  if (driveId !== null && !knowsShared)
    throw driveFault(403, 'teamDrivesParentLimit', 'The client must support all drives.');
  const test = parseSearch(query.get('q') ?? 'trashed = false', disk);
  const isSeen = (file: StoredDriveFile): boolean =>
    file.parents.length > 0 && (driveId === null ? knowsShared || !disk.isShared(file) : disk.isShared(file));
  const found = [...disk.files.values()].filter((file) => test(file) && isSeen(file)).toReversed();
  const start = Number(query.get('pageToken')?.replace(/^~/, '') ?? 0);
  const end = start + size;
  const files = found.slice(start, end).map((file) => disk.resource(file));
  const next = end < found.length ? { nextPageToken: `~${end}` } : {};
  const usual = `kind,nextPageToken,incompleteSearch,files(${usualFields})`;
  return driveJson(call, { kind: 'drive#fileList', incompleteSearch: false, files, ...next }, usual);
}

function createFile(call: DriveCall): FakeAnswer {
  const { disk, request } = call;
  if (request.method !== 'POST') throw driveFault(404, 'notFound', 'Not Found');
  assertParameters(request.query, [all]);
  return driveJson(
    call,
    disk.resource(disk.create(describedIn(request.body), undefined, knowsAllDrives(call))),
    usualFields,
  );
}

function generateIds(call: DriveCall): FakeAnswer {
  const { query } = call.request;
  assertParameters(query, ['count', 'space', 'type']);
  const count = Number(query.get('count') ?? 10);
  if (!(count >= 1 && count <= 1000)) throw driveFault(400, 'invalidParameter', 'Invalid value for: count');
  return driveJson(call, { kind: 'drive#generatedIds', space: 'drive', ids: call.disk.reserveIds(count) });
}

function answerFile(call: DriveCall, file: StoredDriveFile): FakeAnswer {
  const { disk, request } = call;
  const { method, query } = request;
  if (method === 'GET') {
    assertParameters(query, [all, 'acknowledgeAbuse']);
    if (query.get('alt') === 'media') return media(call, file.content);
    return driveJson(call, disk.resource(file), usualFields);
  }
  if (method === 'DELETE') {
    assertParameters(query, [all]);
    disk.delete(file);
    return { status: 204 };
  }
  if (method !== 'PATCH') throw driveFault(404, 'notFound', 'Not Found');
  assertParameters(query, [all, 'addParents', 'removeParents', 'keepRevisionForever']);
  disk.move(file, query.get('addParents'), query.get('removeParents'), knowsAllDrives(call));
  disk.update(file, describedIn(request.body));
  return driveJson(call, disk.resource(file), usualFields);
}

function copyFile(call: DriveCall, file: StoredDriveFile): FakeAnswer {
  const { disk, request } = call;
  if (request.method !== 'POST') throw driveFault(404, 'notFound', 'Not Found');
  assertParameters(request.query, [all, 'keepRevisionForever', 'ignoreDefaultVisibility']);
  if (file.mimeType.endsWith('.folder'))
    throw driveFault(403, 'cannotCopyFile', 'This file cannot be copied by the user.');
  const described = describedIn(request.body);
  if (file.content === undefined && described.id !== undefined)
    throw driveFault(400, 'invalid', 'Pre-generated ids are not for documents.');
  const { name, mimeType } = file;
  const copy = disk.create({ name, mimeType, ...described }, file.content, knowsAllDrives(call));
  copy.text = file.text;
  return driveJson(call, disk.resource(copy), usualFields);
}

function answerRevision(call: DriveCall, file: StoredDriveFile, revision: string): FakeAnswer {
  assertParameters(call.request.query, ['acknowledgeAbuse', all]);
  if (call.isReader)
    throw driveFault(
      403,
      'insufficientFilePermissions',
      'The user does not have sufficient permissions for this file.',
    );
  const content = file.revisions.get(revision);
  if (content === undefined) throw driveFault(404, 'notFound', `Revision not found: ${revision}.`);
  return media(call, content);
}

function media({ request }: DriveCall, content: Buffer | undefined): FakeAnswer {
  if (content === undefined)
    throw driveFault(
      403,
      'fileNotDownloadable',
      'Only files with binary content can be downloaded. Use Export with Docs Editors files.',
    );
  const range = parseRange(request.headers.range, content.length);
  if (range === undefined) return { status: 200, headers: {}, body: content };
  const contentRange = `bytes ${range.start}-${range.end - 1}/${content.length}`;
  return { status: 206, headers: { 'content-range': contentRange }, body: content.subarray(range.start, range.end) };
}
