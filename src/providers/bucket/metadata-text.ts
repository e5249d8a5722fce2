/**
 * How a text of metadata stands in a header. Headers carry printable ASCII for certain, without spaces around it and with single
 * ones inside. All other texts are written as RFC 8187 writes the parameters of headers: `UTF-8''caf%C3%A9`. That is plain ASCII
 * itself, so no service rewrites it: Amazon S3 decodes RFC 2047 when it stores and encodes it when it answers, and what is lost
 * between are empty texts, line ends and spaces
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata). What other tools have written beyond ASCII comes
 * as UTF-8 or in RFC 2047's form, and is read.
 */
import { StoreError } from '../../store/errors.ts';
import { metadataBytes } from '../../store/metadata-rules.ts';
import type { Metadata } from '../../store/store.ts';

const mark = "UTF-8''";
const plainText = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;
const encodedWords = /^=\?utf-8\?[bq]\?[^?\s]*\?=(?:\s+=\?utf-8\?[bq]\?[^?\s]*\?=)*$/i;
const metadataName = /^[a-z0-9][a-z0-9.-]*$/;

/** Names that keep the time, and Google's own. */
const ownNames = /^mtime$|^goog-reserved-/;

/** A text as it is sent. */
export function encodeText(text: string): string {
  const isPlain = plainText.test(text) && !startsMarked(text) && !text.startsWith('=?');
  return isPlain ? text : mark + encodeURIComponent(text).replaceAll(/[*'()]/g, percentOf);
}

/** A text as it was meant. What is in no form stays as it is. */
export function decodeText(sent: string): string {
  if (startsMarked(sent)) return percentDecoded(sent.slice(mark.length)) ?? sent;
  return encodedWords.test(sent) ? (wordsDecoded(sent) ?? sent) : sent;
}

/** The text of a header whose bytes came as one character each, where they are UTF-8: rclone sends it so. */
export function textOfBytes(header: string): string {
  if (!/[\x80-\xff]/.test(header) || /[^\0-\xff]/.test(header)) return header;
  return utf8(Buffer.from(header, 'latin1')) ?? header;
}

/** The metadata among what a service keeps, decoded. Names that the contract does not know, and those of the time, are left out. */
export function metadataIn(kept: Iterable<readonly [string, string | undefined]>): Metadata {
  const metadata: Record<string, string> = {};
  for (const [name, text] of kept) {
    if (text !== undefined && metadataName.test(name) && !ownNames.test(name)) metadata[name] = decodeText(text);
  }
  return metadata;
}

/** Metadata as it is sent. */
export function encodedMetadata(metadata: Metadata = {}): Metadata {
  return Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, encodeText(text)]));
}

/** Throws `TooLarge` unless the texts fit as they are sent. */
export function assertFits(metadata: Metadata | undefined, most: number): void {
  const bytes = metadata === undefined ? 0 : metadataBytes(encodedMetadata(metadata));
  if (bytes <= most) return;
  throw new StoreError('TooLarge', { message: `${bytes} bytes of metadata; the service takes ${most} at most` });
}

function startsMarked(text: string): boolean {
  return text.slice(0, mark.length).toUpperCase() === mark;
}

function percentOf(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The spaces between encoded words are none of the text (RFC 2047, section 6.2). */
function wordsDecoded(words: string): string | undefined {
  const bytes = words.split(/\s+/).map((word) => {
    const [, , encoding = '', text = ''] = word.split('?');
    if (encoding.toUpperCase() === 'B') return Buffer.from(text, 'base64');
    const signs = text
      .replaceAll('_', ' ')
      .replaceAll(/=([0-9a-f]{2})/gi, (_sign, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
    return Buffer.from(signs, 'latin1');
  });
  return utf8(Buffer.concat(bytes));
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
