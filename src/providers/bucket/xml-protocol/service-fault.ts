import type { HttpResponse } from '../../../http/http-request.ts';
import { statusError } from '../../../http/status-error.ts';
import { childCalled, parseXml, textOf, type XmlElement } from '../../../http/xml.ts';
import { isStoreError, StoreError } from '../../../store/errors.ts';
import { meaningOf } from './fault-meanings.ts';

/** Longest error text that is read. */
const longestText = 1 << 20;

/** What the service said when it did not do what it was asked. It is the `cause` of the `StoreError`. */
export class ServiceFault extends Error {
  readonly status: number;
  /** The service's own code: `NoSuchKey`. Absent where the answer had no text, as after HEAD. */
  readonly code: string | undefined;
  /** The service's own sentence. */
  readonly detail: string | undefined;
  /** Where the bucket is, when the answer told it. */
  readonly region: string | undefined;

  constructor(status: number, code?: string, detail?: string, region?: string) {
    super([status, code, detail].filter((part) => part !== undefined).join(' '));
    this.name = 'ServiceFault';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.region = region;
  }
}

/** Reads the fault out of an answer that is no success, to its end. A text that is no XML counts as none. */
export async function readFault(answer: HttpResponse): Promise<ServiceFault> {
  const text = await answer.body.text(longestText);
  const region = answer.headers['x-amz-bucket-region'];
  const error = errorIn(text);
  return error === undefined
    ? new ServiceFault(answer.status, undefined, undefined, region)
    : faultIn(error, answer.status, region);
}

/** The fault that an `<Error>` tells; they come inside successful answers too. */
export function faultIn(error: XmlElement, status: number, region?: string): ServiceFault {
  const told = (name: string): string | undefined => {
    const text = textOf(childCalled(error, name)).trim();
    return text === '' ? undefined : text;
  };
  return new ServiceFault(status, told('Code'), told('Message'), told('Region') ?? region);
}

/** The failure that a fault stands for, in words that say what to change. */
export function faultError(fault: ServiceFault, headers: HttpResponse['headers'] = {}): StoreError {
  const byStatus = statusError(fault.status, headers);
  const { code, sentence } = meaningOf(fault.code) ?? { code: byStatus.code };
  const service = `${fault.status}${fault.code === undefined ? '' : ` ${fault.code}`}`;
  const told = `the service answered ${service}${fault.detail === undefined ? '' : `: ${fault.detail}`}`;
  const message = sentence === undefined ? told : `${sentence} (${told})`;
  return new StoreError(code, { message, retryAfter: byStatus.retryAfter, cause: fault });
}

/** What the service said, where a failure is one of its answers. */
export function faultOf(error: unknown): ServiceFault | undefined {
  return isStoreError(error) && error.cause instanceof ServiceFault ? error.cause : undefined;
}

/** The root of a result. Throws the fault that stands in its place, and `Unavailable` for what is no XML. */
export function resultIn(text: string, status: number): XmlElement {
  const root = rootOf(text);
  if (root === undefined)
    throw new StoreError('Unavailable', { message: 'the service answered something that is no XML' });
  if (root.name !== 'Error') return root;
  const fault = faultIn(root, status);
  // A fault that comes late cannot change the status, which then says nothing.
  throw faultError(fault.code === undefined ? new ServiceFault(500) : fault);
}

function errorIn(text: string): XmlElement | undefined {
  const root = rootOf(text);
  return root?.name === 'Error' ? root : undefined;
}

/** Services send spaces to keep a connection alive while they work, before the XML begins. */
function rootOf(text: string): XmlElement | undefined {
  try {
    return parseXml(text.trim());
  } catch {
    return undefined;
  }
}
