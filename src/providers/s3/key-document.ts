import { StoreError } from '../../store/errors.ts';
import type { FoundKeys } from './renewed-keys.ts';

/**
 * The keys in a JSON document, as the metadata services and `credential_process` write it. `origin` names where it comes from,
 * for the error: `Unauthenticated` where there are none in it.
 */
export function keysInDocument(text: string, origin: string): FoundKeys {
  const { AccessKeyId, SecretAccessKey, Token, SessionToken, Expiration } = fieldsOf(text);
  if (typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string')
    throw new StoreError('Unauthenticated', { message: `${origin} answered something that holds no keys` });
  const expires = typeof Expiration === 'string' ? Date.parse(Expiration) : NaN;
  const token = Token ?? SessionToken;
  return {
    id: AccessKeyId,
    secret: SecretAccessKey,
    sessionToken: typeof token === 'string' && token !== '' ? token : undefined,
    expires: Number.isNaN(expires) ? undefined : expires,
  };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
