import { assertParameters, type FakeAnswer } from '../google-storage/fake-request.ts';
import { type DriveCall, driveJson, knowsAllDrives } from './drive-call.ts';
import { driveFault } from './drive-fault.ts';

const all = 'supportsAllDrives';

/** Answers `changes.getStartPageToken` and `changes.list` (https://developers.google.com/workspace/drive/api/reference/rest/v3/changes). */
export function answerChanges(call: DriveCall, id: string | undefined): FakeAnswer {
  if (id === 'startPageToken') return startPageToken(call);
  if (id !== undefined) throw driveFault(404, 'notFound', 'Not Found');
  return listChanges(call);
}

function startPageToken(call: DriveCall): FakeAnswer {
  assertParameters(call.request.query, [all, 'driveId']);
  return driveJson(call, { kind: 'drive#startPageToken', startPageToken: String(call.disk.changes.next) });
}

function listChanges(call: DriveCall): FakeAnswer {
  const { disk, request } = call;
  const { query } = request;
  assertParameters(query, [all, 'driveId', 'pageToken', 'pageSize', 'includeRemoved', 'includeItemsFromAllDrives']);
  const isShared = isForShared(call);
  const token = query.get('pageToken') ?? '';
  const start = Number(token);
  if (!/^\d+$/.test(token) || start < disk.changes.oldest || start > disk.changes.next)
    throw driveFault(400, 'invalid', 'Invalid Value');
  const size = Number(query.get('pageSize') ?? 100);
  if (!(size >= 1 && size <= 1000)) throw driveFault(400, 'invalidParameter', 'Invalid value for: pageSize');
  const seen = disk.changes.since(start).filter((change) => change.isShared === isShared);
  const page = seen.slice(0, Math.min(size, call.changesAtOnce));
  const last = page.at(-1);
  const next =
    seen.length > page.length && last !== undefined
      ? { nextPageToken: String(last.number + 1) }
      : { newStartPageToken: String(disk.changes.next) };
  const changes = page.map(({ id }) => changeOf(call, id));
  const includesRemoved = query.get('includeRemoved') !== 'false';
  const told = changes.filter(({ removed }) => includesRemoved || !removed);
  return driveJson(call, { kind: 'drive#changeList', changes: told, ...next }, 'kind,nextPageToken,newStartPageToken');
}

function changeOf({ disk }: DriveCall, id: string): { readonly removed: boolean; readonly file?: unknown } {
  const file = disk.files.get(id);
  const change = { kind: 'drive#change', changeType: 'file', time: disk.now(), fileId: id };
  return file === undefined ? { ...change, removed: true } : { ...change, removed: false, file: disk.resource(file) };
}

function isForShared(call: DriveCall): boolean {
  const { query } = call.request;
  const driveId = query.get('driveId');
  if (driveId === null) return false;
  if (driveId !== call.disk.sharedDriveId) throw driveFault(404, 'notFound', `Shared drive not found: ${driveId}`);
  if (!knowsAllDrives(call) || query.get('includeItemsFromAllDrives') !== 'true')
    throw driveFault(403, 'teamDrivesParentLimit', 'The client must support all drives.');
  return true;
}
