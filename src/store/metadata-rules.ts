import { StoreError } from './errors.ts';
import type { Capabilities, Metadata } from './store.ts';

/** The call whose metadata is looked at, and what its store can keep. */
export interface MetadataCall {
  readonly operation: 'write' | 'setMetadata';
  readonly path: string;
  readonly store: string;
  readonly capabilities: Pick<Capabilities, 'metadata' | 'maxMetadataBytes'>;
}

/** The modification time has a place of its own. */
const namePattern = /^(?!mtime$)[a-z0-9][a-z0-9.-]*$/;

/**
 * Throws what `Store.write` and `Store.setMetadata` promise for metadata that cannot be kept: a `TypeError` for a name or a text that
 * is none, `Unsupported` for names beyond `capabilities.metadata`, `TooLarge` for more than `capabilities.maxMetadataBytes`.
 */
export function assertMetadata(metadata: Metadata | undefined, call: MetadataCall): void {
  const { capabilities, operation, path, store } = call;
  if (operation === 'setMetadata' && capabilities.metadata === 'none') {
    throw new StoreError('Unsupported', { operation, path, store, message: 'this store keeps no metadata' });
  }
  if (metadata === undefined) return;
  for (const [name, text] of Object.entries(metadata)) assertWellFormed(name, text);
  const refused = Object.keys(metadata).find((name) => !isKept(name, capabilities.metadata));
  if (refused !== undefined) {
    throw new StoreError('Unsupported', {
      operation,
      path,
      store,
      message: `this store keeps no metadata "${refused}"`,
    });
  }
  const bytes = metadataBytes(metadata);
  if (bytes > capabilities.maxMetadataBytes) {
    const message = `${bytes} bytes of metadata; the store takes ${capabilities.maxMetadataBytes} at most`;
    throw new StoreError('TooLarge', { operation, path, store, message });
  }
}

/** The part of `metadata` whose names a store with these capabilities keeps. Its size is not looked at. */
export function keptMetadata(metadata: Metadata, { metadata: kept }: Pick<Capabilities, 'metadata'>): Metadata {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => isKept(name, kept)));
}

/** The bytes that count against `capabilities.maxMetadataBytes`: names and values, as UTF-8. */
export function metadataBytes(metadata: Metadata): number {
  return Object.entries(metadata).reduce((sum, [name, text]) => sum + bytesOf(name) + bytesOf(text), 0);
}

function isKept(name: string, kept: Capabilities['metadata']): boolean {
  return kept === 'any' || (kept === 'mode' && name === 'mode');
}

function assertWellFormed(name: string, text: string): void {
  if (!namePattern.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of metadata`);
  if (typeof text !== 'string' || !text.isWellFormed()) throw new TypeError(`the metadata "${name}" is no text`);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
