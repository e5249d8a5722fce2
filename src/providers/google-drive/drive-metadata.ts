import { StoreError } from '../../store/errors.ts';
import type { Metadata } from '../../store/store.ts';

/** What always fits, whatever the names: see `propertiesOf`. */
export const maxMetadataBytes = 2000;

/** Limits of Drive (https://developers.google.com/workspace/drive/api/guides/properties). */
const propertyBytes = 124;
const propertiesAtMost = 30;

const packedName = /^cloudfusion-\d+$/;
/** As `assertMetadata` has it. */
const namePattern = /^(?!mtime$)[a-z0-9][a-z0-9.-]*$/;

/**
 * Metadata as properties of a file: each name a property, as rclone does, where Drive surely keeps it so; otherwise all of it as
 * JSON in base64url, in pieces called `cloudfusion-0`, `cloudfusion-1`. Properties of `before` that are metadata and are not
 * wanted any more become null, which removes them; what other programs keep there under other names stays. Throws `TooLarge`.
 */
export function propertiesOf(metadata: Metadata, before: DriveProperties = {}): Record<string, string | null> {
  const wanted = Object.entries(metadata);
  const isDirect = wanted.length <= propertiesAtMost && wanted.every(([name, text]) => isKeptDirectly(name, text));
  const written = isDirect ? metadata : packed(metadata);
  const gone = Object.keys(before).filter((name) => isOurs(name) && !Object.hasOwn(written, name));
  return { ...Object.fromEntries(gone.map((name) => [name, null])), ...written };
}

/** The metadata in the properties of a file. What is damaged is left out. */
export function metadataOf(properties: DriveProperties = {}): Metadata {
  const pieces = Object.keys(properties)
    .filter((name) => packedName.test(name))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map((name) => properties[name] ?? '');
  if (pieces.length > 0) return unpacked(pieces.join(''));
  return Object.fromEntries(Object.entries(properties).filter(([name]) => namePattern.test(name)));
}

/** Properties as Drive tells them. */
export type DriveProperties = Readonly<Record<string, string>>;

function isKeptDirectly(name: string, text: string): boolean {
  const isPrintable = /^[!-~](?:[ -~]*[!-~])?$/.test(text) && !packedName.test(name);
  return isPrintable && name.length + text.length <= propertyBytes;
}

function packed(metadata: Metadata): Record<string, string> {
  const text = Buffer.from(JSON.stringify(metadata)).toString('base64url');
  const pieces = text.match(/.{1,110}/g) ?? [];
  if (pieces.length > propertiesAtMost) {
    throw new StoreError('TooLarge', { message: 'the metadata is more than Drive keeps in the properties of a file' });
  }
  return Object.fromEntries(pieces.map((piece, index) => [`cloudfusion-${index}`, piece]));
}

function unpacked(text: string): Metadata {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown> | null;
    const texts = Object.entries(value ?? {}).filter(
      ([name, part]) => namePattern.test(name) && typeof part === 'string',
    );
    return Object.fromEntries(texts) as Metadata;
  } catch {
    return {};
  }
}

function isOurs(name: string): boolean {
  return namePattern.test(name);
}

function numberOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}
