import { randomUUID } from 'node:crypto';
import { assertParameters, type FakeAnswer } from '../google-storage/fake-request.ts';
import type { DriveCall } from './drive-call.ts';
import { driveFault } from './drive-fault.ts';
import type { StoredDriveFile } from './stored-drive-file.ts';

const google = 'application/vnd.google-apps.';
const office = 'application/vnd.openxmlformats-officedocument.';

/** The ending of each type, by what the document is: a part of what Google's table has. */
const endings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [`${google}document`]: {
    [`${office}wordprocessingml.document`]: 'docx',
    'application/vnd.oasis.opendocument.text': 'odt',
    'application/rtf': 'rtf',
    'application/pdf': 'pdf',
    'text/plain': 'txt',
    'text/html': 'html',
    'application/zip': 'zip',
    'application/epub+zip': 'epub',
    'text/markdown': 'md',
  },
  [`${google}spreadsheet`]: {
    [`${office}spreadsheetml.sheet`]: 'xlsx',
    'application/vnd.oasis.opendocument.spreadsheet': 'ods',
    'application/pdf': 'pdf',
    'application/zip': 'zip',
    'text/csv': 'csv',
    'text/tab-separated-values': 'tsv',
  },
  [`${google}presentation`]: {
    [`${office}presentationml.presentation`]: 'pptx',
    'application/pdf': 'pdf',
    'text/plain': 'txt',
  },
  [`${google}drawing`]: {
    'application/pdf': 'pdf',
    'image/jpeg': 'jpg',
    'image/png': 'png',
    'image/svg+xml': 'svg',
  },
};

/** As what documents can be exported, as `about.get` tells it. */
export const exportFormats: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(endings).map(([document, types]) => [document, Object.keys(types)]),
);

/** Where {@link exportLinks} lead. Google has an own place for each kind of document, at another host. */
export const exportPath = '/feeds/download/documents/export/Export';

/** Addresses of a document's exports, by type: `exportLinks` of its resource; none of what is no document. */
export function exportLinks(id: string, mimeType: string, addresses: string): Record<string, unknown> {
  const types = endings[mimeType];
  if (types === undefined) return {};
  const links = Object.entries(types).map(([type, ending]) => [
    type,
    `${addresses}${exportPath}?id=${id}&exportFormat=${ending}`,
  ]);
  return { exportLinks: Object.fromEntries(links) };
}

/** The export that one of {@link exportLinks} leads to. */
export function answerExportLink(call: DriveCall): FakeAnswer {
  const { query } = call.request;
  assertParameters(query, ['id', 'exportFormat']);
  const file = call.disk.file(query.get('id') ?? '', true);
  const types = Object.entries(endings[file.mimeType] ?? {});
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
  const types = exportFormats[file.mimeType];
  if (types === undefined) throw driveFault(403, 'fileNotExportable', 'Export only supports Docs Editors files.');
  if (!types.includes(type)) throw driveFault(400, 'badRequest', 'The requested conversion is not supported.');
  return exportOf(call, file, type);
}

function exportOf({ disk }: DriveCall, file: StoredDriveFile, type: string): FakeAnswer {
  const body = Buffer.from(`${type}\n${file.text}${disk.exportsDiffer ? randomUUID() : ''}`);
  if (body.length <= mostExported) return { status: 200, headers: { 'content-type': type }, body };
  if (type === 'application/pdf') throw driveFault(500, 'internalError', 'Internal Error');
  throw driveFault(403, 'exportSizeLimitExceeded', 'This file is too large to be exported.');
}
