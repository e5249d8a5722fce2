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

/** The older one first: of files with one name in one folder, that is whose name it is. */
export function byAge(a: DriveFile, b: DriveFile): number {
  return Date.parse(a.createdTime) - Date.parse(b.createdTime) || (a.id < b.id ? -1 : 1);
}
