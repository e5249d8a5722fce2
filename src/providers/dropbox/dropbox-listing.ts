import { childOf, segmentsOf } from '../../store/path.ts';
import type { CallOptions, Entry } from '../../store/store.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { type DropboxMetadata, entryOf, metadataIn, textIn } from './dropbox-metadata.ts';
import { dropboxPath } from './dropbox-path.ts';

/** Entries of a page at the most. */
const pageEntries = 2000;

/** The entries directly inside a folder. */
export async function* listFolder(client: DropboxClient, path: string, options: CallOptions): AsyncGenerator<Entry> {
  for await (const metadata of told(client, path, false, options))
    yield entryOf(metadata, childOf(path, textIn(metadata, 'name')));
}

/**
 * Everything below a folder, parents before children, in as few requests as there are pages. Dropbox tells only the last name of a
 * path as it is written, so the others come from the folders.
 */
export async function* listTree(client: DropboxClient, path: string, options: CallOptions): AsyncGenerator<Entry> {
  const depth = segmentsOf(path).length;
  const folders = new Map<string, string>();
  const waiting = new Map<string, DropboxMetadata[]>();
  function* placed(metadata: DropboxMetadata): Generator<Entry> {
    const lower = textIn(metadata, 'path_lower');
    const above = lower.slice(0, lower.lastIndexOf('/'));
    const isTop = segmentsOf(lower).length === depth + 1;
    const parent = isTop ? path : folders.get(above);
    if (parent === undefined) {
      waiting.set(above, [...(waiting.get(above) ?? []), metadata]);
      return;
    }
    const entry = entryOf(metadata, childOf(parent, textIn(metadata, 'name')));
    yield entry;
    if (entry.kind === 'file') return;
    folders.set(lower, entry.path);
    const below = waiting.get(lower) ?? [];
    waiting.delete(lower);
    for (const child of below) yield* placed(child);
  }
  for await (const metadata of told(client, path, true, options)) {
    // The folder itself is told, too.
    if (segmentsOf(textIn(metadata, 'path_lower')).length > depth) yield* placed(metadata);
  }
}

/** What Dropbox tells of a folder, page by page. What was deleted meanwhile is told as that, and left out. */
async function* told(
  client: DropboxClient,
  path: string,
  recursive: boolean,
  options: CallOptions,
): AsyncGenerator<DropboxMetadata> {
  const first = { path: dropboxPath(path), recursive, limit: pageEntries };
  let page = await client.rpc('files/list_folder', first, options);
  for (;;) {
    const entries: unknown = page['entries'];
    for (const entry of Array.isArray(entries) ? entries : [metadataIn(undefined)]) {
      const metadata = metadataIn(entry);
      if (metadata['.tag'] !== 'deleted') yield metadata;
    }
    if (page['has_more'] !== true) return;
    page = await client.rpc('files/list_folder/continue', { cursor: textIn(page, 'cursor') }, options);
  }
}
