import { hash } from 'node:crypto';
import type { Metadata } from '../../../store/store.ts';

/** What is kept of an unfinished upload, to go on from. */
export interface UploadState {
  readonly key: string;
  readonly uploadId: string;
  readonly size: number;
  readonly partSize: number;
  /** What tells the metadata apart that the upload was begun with. */
  readonly described: string;
  /** By the part's number, less 1: a mark of the ETag that the service answered for it. */
  readonly marks: readonly (string | undefined)[];
}

const markLength = 6;
const noMark = '-'.repeat(markLength);

/** Enough of an ETag to tell that a part is another: its state is written anew with each part, so it is short. */
export function markOf(etag: string): string {
  return etag.slice(0, markLength).padEnd(markLength, '.');
}

/** What tells metadata apart; nothing for none. */
export function describedBy(metadata: Metadata): string {
  const names = Object.keys(metadata).sort();
  if (names.length === 0) return '';
  const text = JSON.stringify(names.map((name) => [name, metadata[name]]));
  return hash('sha256', text).slice(0, 16);
}

/** The state as text. */
export function writeState({ key, uploadId, size, partSize, described, marks }: UploadState): string {
  return JSON.stringify({
    key,
    upload: uploadId,
    size,
    partSize,
    described,
    parts: marks.map((mark) => mark ?? noMark).join(''),
  });
}

/** The state that a text tells, or undefined where it tells none. */
export function readState(text: string | undefined): UploadState | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { key, upload: uploadId, size, partSize, described = '', parts } = value as Record<string, unknown>;
  if (typeof key !== 'string' || typeof uploadId !== 'string' || uploadId === '') return undefined;
  if (typeof size !== 'number' || typeof partSize !== 'number' || typeof parts !== 'string') return undefined;
  if (typeof described !== 'string') return undefined;
  return { key, uploadId, size, partSize, described, marks: readMarks(parts) };
}

function readMarks(text: string): (string | undefined)[] {
  const marks: (string | undefined)[] = [];
  for (let at = 0; at < text.length; at += markLength) {
    const mark = text.slice(at, at + markLength);
    marks.push(mark === noMark ? undefined : mark);
  }
  return marks;
}
