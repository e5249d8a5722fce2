import { assertBucketName } from './bucket-name.ts';
import { FakeBucket } from './fake-bucket.ts';
import { conflict, forbidden, invalid, noSuchBucket } from './google-fault.ts';
import type { ResumableSession } from './resumable-session.ts';
import type { PartsUpload } from './parts-upload.ts';

/** Who calls: what an access token or an HMAC key stands for. */
export interface Caller {
  readonly email: string;
  /** The project of their own; the buckets of others are forbidden to them. */
  readonly project: string;
  /** Whether they may do more than read. */
  readonly canWrite: boolean;
  /** Whether they may make buckets. */
  readonly canMakeBuckets: boolean;
}

/** All buckets of the service, and the uploads that are under way. */
export class FakeCloud {
  readonly #buckets = new Map<string, FakeBucket>();
  readonly sessions: Map<string, ResumableSession> = new Map();
  readonly partsUploads: Map<string, PartsUpload> = new Map();
  /** Names on one page of a listing at the most. */
  largestPage: number = 1000;
  /** How many bytes one rewrite call copies before it asks to be called again. */
  rewriteBytes: number = Infinity;

  makeBucket(name: string, project: string, caller?: Caller): FakeBucket {
    assertBucketName(name);
    const before = this.#buckets.get(name);
    if (caller !== undefined) assertMayMake(caller, project);
    if (before !== undefined) throw bucketExists(before.project === project);
    const bucket = new FakeBucket(name, project);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** The bucket, if it exists and the caller may see (`write`: change) what is in it. */
  bucket(name: string, caller: Caller, need: 'read' | 'write'): FakeBucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw noSuchBucket();
    const isAllowed = bucket.project === caller.project && (need === 'read' || caller.canWrite);
    if (!isAllowed) {
      const permission = need === 'read' ? 'storage.objects.get' : 'storage.objects.create';
      throw forbidden(
        `${caller.email} does not have ${permission} access to the Google Cloud Storage object. Permission '${permission}' denied on resource (or it may not exist).`,
      );
    }
    return bucket;
  }

  bucketsOf(project: string): FakeBucket[] {
    return [...this.#buckets.values()].filter((bucket) => bucket.project === project);
  }

  deleteBucket(bucket: FakeBucket): void {
    if (bucket.size > 0) throw conflict('BucketNotEmpty', 'The bucket you tried to delete is not empty.');
    this.#buckets.delete(bucket.name);
  }

  /** The bucket as it is, for tests. */
  peek(name: string): FakeBucket | undefined {
    return this.#buckets.get(name);
  }
}

function assertMayMake(caller: Caller, project: string): void {
  if (project !== caller.project) throw invalid(`Unknown project id: ${project}`, 'project');
  if (!caller.canMakeBuckets) {
    throw forbidden(
      `${caller.email} does not have storage.buckets.create access to the Google Cloud project. Permission 'storage.buckets.create' denied on resource (or it may not exist).`,
    );
  }
}

function bucketExists(isOwn: boolean): Error {
  return isOwn
    ? conflict(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
      )
    : conflict(
        'BucketNameUnavailable',
        'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      );
}
