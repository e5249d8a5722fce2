import type { Accounts } from './accounts.ts';
import type { Caller, FakeCloud } from './fake-cloud.ts';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';
import type { FaultSwitch } from './fault-switch.ts';
import { partOf } from './field-mask.ts';
import { invalid } from './google-fault.ts';

/** What the answers of the JSON API are made from. */
export interface JsonCall {
  readonly cloud: FakeCloud;
  readonly accounts: Accounts;
  readonly request: FakeRequest;
  readonly origin: string;
  readonly faults: FaultSwitch;
  /** Of a chunk of a resumable upload only this many bytes are kept. */
  readonly persistOnly: number | undefined;
}

/** Who calls; throws 401 or 403. */
export function callerOf({ accounts, request }: JsonCall, need: 'read' | 'write'): Caller {
  return accounts.bearer(request.headers.authorization, need);
}

/** A resource as the answer: the part of it that `fields` asks for. */
export function json({ request }: JsonCall, resource: unknown, status: number = 200): FakeAnswer {
  const alt = request.query.get('alt');
  if (alt !== null && alt !== 'json') throw invalid(`Invalid value for alt: ${alt}`, 'alt');
  const body = JSON.stringify(partOf(resource, request.query.get('fields')));
  return { status, headers: { 'content-type': 'application/json; charset=UTF-8' }, body };
}
