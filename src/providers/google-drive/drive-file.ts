import { isTexts } from '../../http/told-values.ts';
import { StoreError } from '../../store/errors.ts';

/** A file, folder, document or shortcut as Drive tells it (https://developers.google.com/workspace/drive/api/reference/rest/v3/files). */
export interface DriveFile {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  /** Bytes, in decimal; absent for what has no content of its own. */
  readonly size?: string;
  /** RFC 3339, to the millisecond. */
  readonly modifiedTime: string;
  readonly createdTime: string;
  /** Hexadecimal. */
  readonly md5Checksum?: string;
  /** The folder; absent for what was shared and lies in no folder of this account. */
  readonly parents?: readonly string[];
  readonly headRevisionId?: string;
  readonly trashed: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  /** Where a document is shown as what it is exported as; then `name` has the ending that the name at Drive lacks. */
  readonly exported?: ExportedContent;
}

/** What a document of Google's editors was exported as. */
export interface ExportedContent {
  /** Of the name, with the dot. */
  readonly ending: string;
  /** Bytes. */
  readonly size: number;
  /** Tells one content from another. */
  readonly digest: string;
}

/** What is asked about each file. */
export const fileFields =
  'id,name,mimeType,size,modifiedTime,createdTime,md5Checksum,parents,headRevisionId,trashed,properties';

/** https://developers.google.com/workspace/drive/api/guides/mime-types */
export const folderType = 'application/vnd.google-apps.folder';

/** The same file. Throws `Unavailable` for what describes none, as something else than Drive may answer. */
export function soundFile(file: DriveFile): DriveFile {
  const { id, name, mimeType, parents = [], properties } = file as Partial<DriveFile>;
  const isNamed = [id, name, mimeType].every((text) => typeof text === 'string');
  if (isNamed && Array.isArray(parents) && isTexts(properties)) return file;
  throw new StoreError('Unavailable', { message: 'what was answered does not describe a file' });
}

/** Whether it is a folder. */
export function isFolder({ mimeType }: DriveFile): boolean {
  return mimeType === folderType;
}

/** Whether it has no bytes of its own: a document of Google's editors, a form, a map, a shortcut. */
export function isLink({ mimeType }: DriveFile): boolean {
  return mimeType.startsWith('application/vnd.google-apps.') && mimeType !== folderType;
}

/** The name that Drive is to keep for a file that is shown as `name`. Throws `Unsupported` for an exported document of another ending. */
export function titleFor({ exported }: DriveFile, name: string): string {
  if (exported === undefined) return name;
  const title = name.slice(0, -exported.ending.length);
  if (title !== '' && name.endsWith(exported.ending)) return title;
  const message = `a document that is exported keeps its ending ${exported.ending}`;
  throw new StoreError('Unsupported', { message });
}

/** The older one first: of files with one name in one folder, that is whose name it is. */
export function byAge(a: DriveFile, b: DriveFile): number {
  return Date.parse(a.createdTime) - Date.parse(b.createdTime) || (a.id < b.id ? -1 : 1);
}
