import { exactStream } from '../../store/exact-stream.ts';
import type { ByteRange, CallOptions, Resume, Source } from '../../store/store.ts';

/** An upload that has not come whole. */
interface BegunUpload {
  readonly path: string;
  readonly bytes: Uint8Array;
  arrived: number;
}

/** Receives contents; what broke off is kept by the name that `Resume.save` was given. */
export class MemoryUploads {
  readonly #begun = new Map<string, BegunUpload>();
  #last = 0;

  /** How many uploads wait for somebody to go on with them. */
  get size(): number {
    return this.#begun.size;
  }

  /** All of a source, from where an earlier upload of it ended. */
  async receive(path: string, source: Source, resume: Resume, options: CallOptions): Promise<Uint8Array> {
    if (resume.obsolete !== undefined) this.#begun.delete(resume.obsolete);
    const known = resume.saved === undefined ? undefined : this.#begun.get(resume.saved);
    const fits = known?.path === path && known.bytes.length === source.size;
    const name = fits ? (resume.saved as string) : `upload ${++this.#last}`;
    const upload = fits ? known : { path, bytes: new Uint8Array(source.size), arrived: 0 };
    this.#begun.set(name, upload);
    resume.save(name);
    for await (const chunk of exactStream(part(source, upload.arrived, source.size), options)) {
      upload.bytes.set(chunk, upload.arrived);
      upload.arrived += chunk.length;
    }
    return upload.bytes;
  }

  /** A file was made of it: nothing is left to go on from. */
  finish(resume: Resume, bytes: Uint8Array): void {
    for (const [name, upload] of this.#begun) if (upload.bytes === bytes) this.#begun.delete(name);
    resume.save(undefined);
  }
}

/** All of a source, where `unchanged` says so from `before`. */
export async function receiveChanges(
  source: Source,
  before: Uint8Array,
  unchanged: readonly ByteRange[],
  options: CallOptions,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(source.size);
  let at = 0;
  for (const { start, end } of [...unchanged, { start: source.size, end: source.size }]) {
    for await (const chunk of exactStream(part(source, at, start), options)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    bytes.set(before.subarray(start, end), start);
    at = end;
  }
  return bytes;
}

/** Of the whole the source itself, which tells when it is longer than it says. */
function part(source: Source, start: number, end: number): Source {
  return start === 0 && end === source.size ? source : source.slice(start, end);
}
