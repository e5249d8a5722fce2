const google = 'application/vnd.google-apps.';
const office = 'application/vnd.openxmlformats-officedocument.';

/** The ending of each type, by what the document is: a part of what Google's table has. */
export const exportEndings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
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
  Object.entries(exportEndings).map(([document, types]) => [document, Object.keys(types)]),
);

/** Where {@link exportLinks} lead. Google has an own place for each kind of document, at another host. */
export const exportPath = '/feeds/download/documents/export/Export';

/** Addresses of a document's exports, by type: `exportLinks` of its resource; none of what is no document. */
export function exportLinks(id: string, mimeType: string, addresses: string): Record<string, unknown> {
  const types = exportEndings[mimeType];
  if (types === undefined) return {};
  const links = Object.entries(types).map(([type, ending]) => [
    type,
    `${addresses}${exportPath}?id=${id}&exportFormat=${ending}`,
  ]);
  return { exportLinks: Object.fromEntries(links) };
}
