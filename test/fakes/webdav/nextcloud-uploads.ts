import type { DavTree } from './dav-tree.ts';

const smallestChunk = 5 << 20;

/** What keeps the chunks of a Nextcloud, or an HTTP status that refuses. Strict where its manual names a rule. */
export class NextcloudUploads {
  readonly #uploads = new Map<string, { destination: string; chunks: Map<number, Buffer> }>();
  /** Chunks that were taken, over all uploads. */
  taken = 0;

  /** The names of uploads that were neither put together nor given up. */
  get open(): string[] {
    return [...this.#uploads.keys()];
  }

  make(upload: string, destination: string | undefined): number {
    if (destination === undefined) return 400;
    if (this.#uploads.has(upload)) return 405;
    this.#uploads.set(upload, { destination, chunks: new Map() });
    return 201;
  }

  put(upload: string, name: string, bytes: Buffer, destination: string | undefined, total: string | undefined): number {
    const found = this.#uploads.get(upload);
    if (found === undefined) return 404;
    if (!/^\d{1,5}$/.test(name) || Number(name) < 1 || Number(name) > 10_000) return 400;
    if (destination !== found.destination || total === undefined) return 400;
    found.chunks.set(Number(name), bytes);
    this.taken++;
    return 201;
  }

  /** The sizes of the chunks that are there, by their names. */
  list(upload: string): Map<string, Buffer> | undefined {
    const found = this.#uploads.get(upload);
    if (found === undefined) return undefined;
    return new Map([...found.chunks].map(([number, bytes]) => [String(number).padStart(5, '0'), bytes]));
  }

  /** The file that the chunks make, or why they make none. */
  together(upload: string, destination: string | undefined, total: string | undefined): Buffer | number {
    const found = this.#uploads.get(upload);
    if (found === undefined) return 404;
    const chunks = [...found.chunks].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    if (chunks.slice(0, -1).some((bytes) => bytes.length < smallestChunk)) return 400;
    const file = Buffer.concat(chunks);
    return destination === found.destination && Number(total) === file.length ? file : 400;
  }

  remove(upload: string): number {
    return this.#uploads.delete(upload) ? 204 : 404;
  }
}

/** Whether an `If` header with one list of one ETag holds (RFC 4918 section 10.4), of `path` unless it names another. */
export function holds(
  tree: DavTree,
  condition: string | undefined,
  path: string,
  pathOf: (address: string) => string,
): boolean {
  if (condition === undefined) return true;
  const [, address, etag] = /^(?:<([^>]+)> )?\(\[([^\]]+)\]\)$/.exec(condition) ?? [];
  if (etag === undefined) throw new Error(`an If header that the fake does not understand: ${condition}`);
  return tree.nodes.get(address === undefined ? path : pathOf(address))?.etag === etag;
}
