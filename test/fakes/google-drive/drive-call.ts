import type { Accounts } from '../google-storage/accounts.ts';
import type { FakeAnswer, FakeRequest } from '../google-storage/fake-request.ts';
import { partOf } from '../google-storage/field-mask.ts';
import type { Described, DriveDisk } from './drive-disk.ts';
import { driveFault } from './drive-fault.ts';
import type { DriveSession } from './drive-session.ts';

/** What the answers of Drive are made from. */
export interface DriveCall {
  readonly disk: DriveDisk;
  readonly accounts: Accounts;
  readonly request: FakeRequest;
  readonly sessions: Map<string, DriveSession>;
  /** Of a chunk of a resumable upload only this many bytes are kept. */
  readonly persistOnly: number | undefined;
  /** Changes in one answer at the most. */
  readonly changesAtOnce: number;
  /** Readers only: they may not ask for revisions. */
  readonly isReader: boolean;
}

/** A resource as the answer. Without `fields` Drive tells only kind, id, name and type of a file. */
export function driveJson({ request }: DriveCall, resource: unknown, usual: string | null = null): FakeAnswer {
  // rclone sends an empty one where it wants nothing.
  const fields = request.query.get('fields') || null;
  const body = JSON.stringify(partOf(resource, fields ?? usual));
  return { status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, body };
}

/** What Drive tells of a file that is asked for without `fields`. */
export const usualFields = 'kind,id,name,mimeType';

/** Whether the client knows of shared drives. */
export function knowsAllDrives({ request }: DriveCall): boolean {
  return request.query.get('supportsAllDrives') === 'true';
}

const texts = new Set(['id', 'name', 'description', 'mimeType', 'modifiedTime', 'createdTime']);

/** The JSON that describes a file. Throws for what Drive does not know, or is of another type. */
export function describedIn(body: Buffer): Described {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(body.toString() || '{}') as Record<string, unknown>;
  } catch {
    throw driveFault(400, 'parseError', 'Parse Error');
  }
  for (const [name, part] of Object.entries(value)) {
    const isGood =
      (texts.has(name) && typeof part === 'string') ||
      (name === 'trashed' && typeof part === 'boolean') ||
      (name === 'parents' && Array.isArray(part) && part.every((id) => typeof id === 'string')) ||
      (name === 'properties' && typeof part === 'object' && part !== null && isTexts(part));
    if (!isGood) throw driveFault(400, 'badRequest', `Invalid value or unknown name "${name}"`);
  }
  for (const name of ['modifiedTime', 'createdTime'])
    if (
      value[name] !== undefined &&
      !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value[name] as string)
    )
      throw driveFault(400, 'invalid', `Invalid value for: ${name}`);
  return value;
}

function isTexts(value: object): boolean {
  return Object.values(value).every((text) => text === null || typeof text === 'string');
}
