import { createHash, randomBytes } from 'node:crypto';

/** Everything the fake knows of a file. */
export interface StoredDriveFile {
  readonly id: string;
  name: string;
  mimeType: string;
  parents: string[];
  content: Buffer | undefined;
  /** What is written in a document of Google's editors. */
  text: string;
  /** Contents by revision, the current one among them. */
  readonly revisions: Map<string, Buffer>;
  headRevisionId: string | undefined;
  createdTime: string;
  modifiedTime: string;
  /** Put into the trash itself; what lies in such a folder counts as trashed too. */
  trashed: boolean;
  properties: Record<string, string>;
  version: number;
  shortcut: { readonly targetId: string; readonly targetMimeType: string } | undefined;
}

/** Gives a file new content, which is its newest revision. */
export function putContent(file: StoredDriveFile, content: Buffer): void {
  const revision = `0B${randomBytes(24).toString('base64url')}`;
  file.revisions.set(revision, content);
  [file.content, file.headRevisionId] = [content, revision];
}

/** The resource of files (https://developers.google.com/workspace/drive/api/reference/rest/v3/files). */
export function resourceOf(file: StoredDriveFile, isTrashed: boolean): Record<string, unknown> {
  const { id, name, mimeType, parents, content, headRevisionId, properties, shortcut } = file;
  const binary =
    content === undefined
      ? {}
      : {
          size: String(content.length),
          md5Checksum: createHash('md5').update(content).digest('hex'),
          headRevisionId,
          originalFilename: name,
        };
  return {
    kind: 'drive#file',
    id,
    name,
    mimeType,
    parents,
    createdTime: file.createdTime,
    modifiedTime: file.modifiedTime,
    trashed: isTrashed,
    explicitlyTrashed: file.trashed,
    version: String(file.version),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(shortcut === undefined ? {} : { shortcutDetails: shortcut }),
    ...binary,
  };
}
