import { StoreError } from '../store/errors.ts';

/** A size in bytes as a service tells it, in decimal. Throws `Unavailable` for what is none: what it said of the rest is not to be believed either. */
export function toldSize(told: unknown): number {
  const size = typeof told === 'string' && /^\s*\d+\s*$/.test(told) ? Number(told) : told;
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  throw new StoreError('Unavailable', {
    message: `the service answered ${JSON.stringify(told)?.slice(0, 50)} for a size`,
  });
}

/** A date as a service tells it, in milliseconds since the epoch; the epoch for what is none, which no file is worse for. */
export function toldTime(told: unknown): number {
  const time = typeof told === 'string' ? Date.parse(told) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}

/** Whether a value of JSON is an object, not a list, whose values may be anything. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether each value of an object of JSON is a text; also of none. */
export function isTexts(value: unknown): value is Readonly<Record<string, string>> | undefined {
  return value === undefined || (isRecord(value) && Object.values(value).every((text) => typeof text === 'string'));
}
