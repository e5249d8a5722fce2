import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpHeaders } from '../../../http/http-request.ts';
import { isStoreError, StoreError } from '../../../store/errors.ts';
import { faultError, ServiceFault } from './service-fault.ts';
import { type ConditionalChange, WriteConditions } from './write-conditions.ts';

const kind = 'PutObject';

/** One key of a service that may keep `If-None-Match`, ignore it, refuse it always, or not know it. */
class Service {
  readonly log: string[] = [];
  revision: string | null = null;
  readonly #manner: 'keeps' | 'ignores' | 'refuses' | 'unknown';

  constructor(manner: 'keeps' | 'ignores' | 'refuses' | 'unknown') {
    this.#manner = manner;
  }

  readonly put = async (headers: HttpHeaders): Promise<string> => {
    const isConditional = headers['if-none-match'] === '*';
    this.log.push(isConditional ? 'put if new' : 'put');
    if (isConditional && this.#manner === 'unknown') throw faultError(new ServiceFault(501));
    if (isConditional && this.#manner === 'refuses') throw faultError(new ServiceFault(412));
    if (isConditional && this.#manner === 'keeps' && this.revision !== null) throw faultError(new ServiceFault(412));
    return (this.revision = `${this.log.length}`);
  };

  /** What a creation of the key asks. */
  creation(isCheap: boolean = true): ConditionalChange {
    const current = async (): Promise<string | null> => {
      this.log.push('head');
      return this.revision;
    };
    return { ifRevision: null, current, isCheap };
  }

  asked(): string[] {
    return this.log.splice(0);
  }
}

describe('the look before a creation', () => {
  it('is left out where the service was seen to keep If-None-Match', async () => {
    const [service, conditions] = [new Service('keeps'), new WriteConditions(false)];
    assert.equal(await conditions.keep(kind, service.creation(), service.put), '2');
    assert.deepEqual(service.asked(), ['head', 'put if new', 'put if new']);
    service.revision = null;
    await conditions.keep(kind, service.creation(), service.put);
    assert.deepEqual(service.asked(), ['put if new']);
  });

  it('then a file of somebody else is a conflict still', async () => {
    const [service, conditions] = [new Service('keeps'), new WriteConditions(false)];
    await conditions.keep(kind, service.creation(), service.put);
    service.revision = 'theirs';
    await assert.rejects(conditions.keep(kind, service.creation(), service.put), (error) =>
      isStoreError(error, 'Conflict'),
    );
    assert.equal(service.revision, 'theirs');
  });

  it('stays where the service takes a second creation, and answers the revision of that', async () => {
    const [service, conditions] = [new Service('ignores'), new WriteConditions(false)];
    assert.equal(await conditions.keep(kind, service.creation(), service.put), service.revision);
    assert.deepEqual(service.asked(), ['head', 'put if new', 'put if new']);
    service.revision = null;
    await conditions.keep(kind, service.creation(), service.put);
    assert.deepEqual(service.asked(), ['head', 'put if new']);
  });

  it('stays where the service refuses every condition or knows none', async () => {
    for (const manner of ['refuses', 'unknown'] as const) {
      const [service, conditions] = [new Service(manner), new WriteConditions(false)];
      for (const asked of [
        ['head', 'put if new', 'head', 'put'],
        ['head', 'put'],
      ]) {
        service.revision = null;
        await conditions.keep(kind, service.creation(), service.put);
        assert.deepEqual(service.asked(), asked, manner);
      }
    }
  });

  it('no large file is sent twice to find out', async () => {
    const [service, conditions] = [new Service('keeps'), new WriteConditions(false)];
    await conditions.keep(kind, service.creation(false), service.put);
    assert.deepEqual(service.asked(), ['head', 'put if new']);
  });

  it('a trial whose answer is lost leaves the revision open', async () => {
    const [service, conditions] = [new Service('keeps'), new WriteConditions(false)];
    let puts = 0;
    const lost = async (headers: HttpHeaders): Promise<string> => {
      if (++puts === 2) throw new StoreError('Unavailable', { message: 'the answer is lost' });
      return await service.put(headers);
    };
    await assert.rejects(conditions.keep(kind, service.creation(), lost), (error) =>
      isStoreError(error, 'Unavailable'),
    );
  });
});
