import { isStoreError, StoreError, type StoreErrorCode } from '../store/errors.ts';

/** An error in a form that passes between threads. */
export type CarriedError =
  /** One that came from the other side before: it is told by its number, and becomes the very same value there. */
  | { readonly kind: 'own'; readonly number: number }
  | {
      readonly kind: 'store';
      readonly code: StoreErrorCode;
      readonly operation: string | undefined;
      readonly path: string | undefined;
      readonly store: string | undefined;
      readonly retryAfter: number | undefined;
      readonly detail: string | undefined;
      readonly stack: string | undefined;
      readonly cause: CarriedError | undefined;
    }
  | {
      readonly kind: 'error';
      readonly type: 'Error' | 'TypeError' | 'RangeError';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** What else it tells of itself in plain values: `code` and `syscall` of the operating system, for example. */
      readonly details: Readonly<Record<string, string | number | boolean>>;
      readonly cause: CarriedError | undefined;
    }
  /** Something else was thrown. What cannot be copied is told as text. */
  | { readonly kind: 'value'; readonly value: unknown };

/** Causes of causes are carried so deep; an error may be its own cause. */
const longestChain = 8;

/** `own` knows the number of a value that came from the other side. */
export function carryError(
  error: unknown,
  own: (error: unknown) => number | undefined = () => undefined,
  depth = 0,
): CarriedError {
  const number = own(error);
  if (number !== undefined) return { kind: 'own', number };
  if (!(error instanceof Error)) return { kind: 'value', value: cloneable(error) };
  const isChained = error.cause !== undefined && depth < longestChain;
  const cause = isChained ? carryError(error.cause, own, depth + 1) : undefined;
  const { name, message, stack } = error;
  if (isStoreError(error)) {
    const { code, operation, path, store, retryAfter, detail } = error;
    return { kind: 'store', code, operation, path, store, retryAfter, detail, stack, cause };
  }
  const type = error instanceof TypeError ? 'TypeError' : error instanceof RangeError ? 'RangeError' : 'Error';
  return { kind: 'error', type, name, message, stack, details: detailsOf(error), cause };
}

/** The error again: a `StoreError` is one, misuse is a `TypeError` or `RangeError`, others are an `Error` of the same name. */
export function revivedError(carried: CarriedError, own: (number: number) => unknown): unknown {
  if (carried.kind === 'own') return own(carried.number);
  if (carried.kind === 'value') return carried.value;
  const cause = carried.cause && revivedError(carried.cause, own);
  if (carried.kind === 'store') {
    const { code, detail: message, stack, ...rest } = carried;
    return withStack(new StoreError(code, { ...rest, message, cause }), stack);
  }
  const { type, name, message, details, stack } = carried;
  const error = new errorTypes[type](message, carried.cause && { cause });
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return withStack(Object.assign(error, details), stack);
}

const errorTypes = { Error, TypeError, RangeError };

function withStack(error: Error, stack: string | undefined): Error {
  if (stack !== undefined) Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}

const plainTypes: ReadonlySet<string> = new Set(['string', 'number', 'boolean']);

/** What every error has is carried by itself, also where a class has it as a field. */
const common: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause']);

function detailsOf(error: Error): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(error).filter(([key, value]) => !common.has(key) && plainTypes.has(typeof value)),
  );
}

function cloneable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}
