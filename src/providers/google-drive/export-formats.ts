import { ownValue } from '../../store/own-value.ts';
import { StoreError } from '../../store/errors.ts';

/** As what a document is exported. */
export interface ExportFormat {
  /** Of the name, with the dot. */
  readonly ending: string;
  /** Its MIME type. */
  readonly type: string;
}

const office = 'application/vnd.openxmlformats-officedocument.';
const open = 'application/vnd.oasis.opendocument.';
const pictures = { pdf: 'application/pdf', jpg: 'image/jpeg', png: 'image/png', svg: 'image/svg+xml' };

/** Types by ending, by what the document is (https://developers.google.com/workspace/drive/api/guides/ref-export-formats). */
const formats: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  document: {
    docx: `${office}wordprocessingml.document`,
    odt: `${open}text`,
    rtf: 'application/rtf',
    pdf: 'application/pdf',
    txt: 'text/plain',
    html: 'text/html',
    zip: 'application/zip',
    epub: 'application/epub+zip',
    md: 'text/markdown',
  },
  spreadsheet: {
    xlsx: `${office}spreadsheetml.sheet`,
    ods: `${open}spreadsheet`,
    pdf: 'application/pdf',
    zip: 'application/zip',
    csv: 'text/csv',
    tsv: 'text/tab-separated-values',
  },
  presentation: {
    pptx: `${office}presentationml.presentation`,
    odp: `${open}presentation`,
    txt: 'text/plain',
    ...pictures,
  },
  drawing: pictures,
  script: { json: 'application/vnd.google-apps.script+json' },
};

/** The endings in a setting, as `docx, xlsx`, without dots. Throws `Unsupported` for one that Google exports nothing as. */
export function exportEndings(text: string): string[] {
  const endings = text.split(/[\s,]+/).filter((ending) => ending !== '');
  return endings.map((written) => {
    const ending = written.replace(/^\./, '').toLowerCase();
    const known = [...new Set(Object.values(formats).flatMap((types) => Object.keys(types)))];
    if (known.includes(ending)) return ending;
    const message = `Google exports no documents as "${written}"; \`export\` takes ${known.join(', ')}`;
    throw new StoreError('Unsupported', { message });
  });
}

/** The first of the endings that a document of this type can be exported as; undefined where there is none. */
export function formatOf(mimeType: string, endings: readonly string[]): ExportFormat | undefined {
  const types = ownValue(formats, mimeType.replace('application/vnd.google-apps.', ''));
  if (types === undefined) return undefined;
  for (const ending of endings) {
    const type = ownValue(types, ending);
    if (type !== undefined) return { ending: `.${ending}`, type };
  }
  return undefined;
}
