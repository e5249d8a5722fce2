/** Every way in which a store can fail. Codes are API, messages are not. */
export type StoreErrorCode =
  | 'NotFound'
  | 'AlreadyExists'
  | 'NotADirectory'
  | 'IsADirectory'
  | 'NotEmpty'
  | 'InvalidPath'
  | 'Unsupported'
  | 'Unauthenticated'
  | 'PermissionDenied'
  | 'QuotaExceeded'
  | 'TooLarge'
  | 'Conflict'
  | 'RateLimited'
  | 'Unavailable'
  | 'Corrupt';

const retryableCodes: ReadonlySet<StoreErrorCode> = new Set(['RateLimited', 'Unavailable', 'Corrupt']);

/** What a `StoreError` tells beside its code. */
export interface StoreErrorOptions {
  /** The `Store` method that failed: `"write"`. */
  readonly operation?: string | undefined;
  readonly path?: string | undefined;
  /** The name of the store that failed. */
  readonly store?: string | undefined;
  /** Milliseconds the service asks us to wait before the next try. */
  readonly retryAfter?: number | undefined;
  /** One sentence for people. Never a secret. @default the code */
  readonly message?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The one error of every store. Programming mistakes are a `TypeError` or `RangeError` instead, and an aborted call rejects
 * with its signal's reason, untouched.
 */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly operation: string | undefined;
  readonly path: string | undefined;
  readonly store: string | undefined;
  /** Whether the same call may succeed later without anybody's doing. */
  readonly retryable: boolean;
  readonly retryAfter: number | undefined;
  /** The sentence alone, without where it happened. */
  readonly detail: string | undefined;

  constructor(code: StoreErrorCode, options: StoreErrorOptions = {}) {
    super(describe(code, options), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.operation = options.operation;
    this.path = options.path;
    this.store = options.store;
    this.retryable = retryableCodes.has(code);
    this.retryAfter = options.retryAfter;
    this.detail = options.message;
  }

  static {
    Object.defineProperty(StoreError.prototype, 'name', { value: 'StoreError', enumerable: false });
  }
}

/** Whether `error` is a `StoreError`, of this code if one is given. Works across two copies of the package. */
export function isStoreError(error: unknown, code?: StoreErrorCode): error is StoreError {
  return (
    error instanceof Error && error.name === 'StoreError' && (code === undefined || (error as StoreError).code === code)
  );
}

/** The same failure, told of the call that it ended: its operation, path and store. */
export function inCall(
  error: StoreError,
  { operation, path, store }: Pick<StoreErrorOptions, 'operation' | 'path' | 'store'>,
): StoreError {
  const { code, detail: message, retryAfter, cause } = error;
  return new StoreError(code, { operation, path, store, message, retryAfter, cause });
}

function describe(code: StoreErrorCode, { store, operation, path, message }: StoreErrorOptions): string {
  const where = [store, operation, path].filter((part) => part !== undefined).join(' ');
  const what = message === undefined ? code : `${code}: ${message}`;
  return where === '' ? what : `${where}: ${what}`;
}
