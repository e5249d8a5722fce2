import { StoreError } from '../store/errors.ts';

/** Extended attributes by their full names, such as `user.comment`. */
export type Attributes = ReadonlyMap<string, Uint8Array>;

/** Bytes that a node's extended attributes may have, names and values together; Linux has no larger value (XATTR_SIZE_MAX of linux/limits.h). */
const maxAttributeBytes = 65_536;

/** As text for the database: an object of base64. */
export function formatAttributes(attributes: Attributes): string {
  return JSON.stringify(
    Object.fromEntries([...attributes].map(([name, value]) => [name, Buffer.from(value).toString('base64')])),
  );
}

/** The reverse of `formatAttributes`. */
export function parseAttributes(text: string): Attributes {
  const values = JSON.parse(text) as Record<string, string>;
  return new Map(Object.entries(values).map(([name, value]) => [name, Buffer.from(value, 'base64')]));
}

/** The attributes with one set, or taken away; null when there is none left. Throws `QuotaExceeded` when they become too large. */
export function withAttribute(
  attributes: Attributes | null,
  name: string,
  value: Uint8Array | undefined,
): Attributes | null {
  const changed = new Map(attributes ?? []);
  if (value === undefined) changed.delete(name);
  else changed.set(name, new Uint8Array(value));
  const bytes = changed.entries().reduce((sum, [name, { length }]) => sum + Buffer.byteLength(name) + length, 0);
  if (bytes > maxAttributeBytes)
    throw new StoreError('QuotaExceeded', { message: `a file has ${maxAttributeBytes} bytes of attributes at most` });
  return changed.size === 0 ? null : changed;
}
