import { randomUUID } from 'node:crypto';
import { assertParameters, type FakeAnswer } from '../google-storage/fake-request.ts';
import type { DriveCall } from './drive-call.ts';
import { exportEndings } from './drive-export-formats.ts';
import { driveFault } from './drive-fault.ts';
import type { StoredDriveFile } from './stored-drive-file.ts';

/** The export that one of the links in a document's resource leads to. */
export function answerExportLink(call: DriveCall): FakeAnswer {
  const { query } = call.request;
  assertParameters(query, ['id', 'exportFormat']);
  const file = call.disk.file(query.get('id') ?? '', true);
  const types = Object.entries(exportEndings[file.mimeType] ?? {});
  const [type] = types.find(([, ending]) => ending === query.get('exportFormat')) ?? [];
  if (type === undefined) throw driveFault(400, 'badRequest', 'The requested conversion is not supported.');
  return exportOf(call, file, type);
}

const mostExported = 10_000_000;

/**
 * The document in another format (https://developers.google.com/workspace/drive/api/reference/rest/v3/files/export): here the type, a line feed, and its text. A
 * PDF that is too large breaks inside of Drive, others are refused, as https://github.com/googleapis/google-api-ruby-client/issues/664 tells.
 */
export function answerExport(call: DriveCall, file: StoredDriveFile): FakeAnswer {
  const { query } = call.request;
  assertParameters(query, ['mimeType']);
  const type = query.get('mimeType');
  if (type === null) throw driveFault(400, 'required', 'Required parameter: mimeType');
  const types = exportEndings[file.mimeType];
  if (types === undefined) throw driveFault(403, 'fileNotExportable', 'Export only supports Docs Editors files.');
  if (types[type] === undefined) throw driveFault(400, 'badRequest', 'The requested conversion is not supported.');
  return exportOf(call, file, type);
}

function exportOf({ disk }: DriveCall, file: StoredDriveFile, type: string): FakeAnswer {
  const body = Buffer.from(`${type}\n${file.text}${disk.exportsDiffer ? randomUUID() : ''}`);
  if (body.length <= mostExported) return { status: 200, headers: { 'content-type': type }, body };
  if (type === 'application/pdf') throw driveFault(500, 'internalError', 'Internal Error');
  throw driveFault(403, 'exportSizeLimitExceeded', 'This file is too large to be exported.');
}
