import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { encodeKey, encodeQuery } from './percent-encoding.ts';
import { canonicalRequest, emptyPayload, SignatureV4, signingTime } from './signature-v4.ts';

/** One vector of the suite, with the request as it is before anything is encoded. */
interface Vector {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: readonly [string, string][];
  readonly headers: readonly [string, string][];
  readonly body: string;
  readonly signsBody: boolean;
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
  readonly signsToken?: boolean;
  readonly region: string;
  readonly service: string;
  readonly time: string;
  readonly canonicalRequest: string;
  readonly signature: string;
}

const suite = JSON.parse(readFileSync(`${import.meta.dirname}/signature-v4-vectors.json`, 'utf8')) as {
  readonly vectors: readonly Vector[];
};

describe("AWS's test suite for signature version 4", () => {
  for (const vector of suite.vectors) {
    it(vector.name, () => {
      const request = {
        method: vector.method,
        path: encodeKey(vector.path),
        query: encodeQuery(Object.fromEntries(vector.query)),
        headers: headersOf(vector),
        payload: hash('sha256', vector.body),
      };
      assert.equal(canonicalRequest(request, Object.keys(request.headers).sort()), vector.canonicalRequest);
      const keys = { id: vector.id, secret: vector.secret };
      const authorization = new SignatureV4(vector.service).authorization(request, keys, vector.region);
      assert.ok(authorization.endsWith(`Signature=${vector.signature}`), authorization);
    });
  }

  it('is all there', () => assert.equal(suite.vectors.length, 32));
});

function headersOf(vector: Vector): Record<string, string> {
  const headers: Record<string, string> = { 'x-amz-date': signingTime(Date.parse(vector.time)) };
  for (const [name, value] of vector.headers) {
    const earlier = headers[name.toLowerCase()];
    headers[name.toLowerCase()] = earlier === undefined ? value : `${earlier},${value}`;
  }
  if (vector.signsBody) headers['x-amz-content-sha256'] = hash('sha256', vector.body);
  if (vector.token !== undefined && vector.signsToken === true) headers['x-amz-security-token'] = vector.token;
  return headers;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, the examples at the end. */
describe('the examples of the S3 documentation', () => {
  const keys = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
  const signer = new SignatureV4('s3');
  const sign = (
    method: string,
    path: string,
    query: Record<string, string>,
    headers: Record<string, string>,
    payload: string,
  ): string => {
    const all = {
      host: 'examplebucket.s3.amazonaws.com',
      'x-amz-date': '20130524T000000Z',
      'x-amz-content-sha256': payload,
      ...headers,
    };
    const request = { method, path: encodeKey(path), query: encodeQuery(query), headers: all, payload };
    return signer.authorization(request, keys, 'us-east-1');
  };

  it('GET Object, with the whole header', () => {
    assert.equal(
      sign('GET', '/test.txt', {}, { range: 'bytes=0-9' }, emptyPayload),
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
        'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  it('PUT Object', () => {
    const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' };
    const payload = hash('sha256', 'Welcome to Amazon S3.');
    const signature = '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd';
    assert.ok(sign('PUT', '/test$file.text', {}, headers, payload).endsWith(signature));
  });

  it('GET Bucket Lifecycle', () => {
    const signature = 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543';
    assert.ok(sign('GET', '/', { lifecycle: '' }, {}, emptyPayload).endsWith(signature));
  });

  it('Get Bucket (List Objects)', () => {
    const signature = '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7';
    assert.ok(sign('GET', '/', { 'max-keys': '2', prefix: 'J' }, {}, emptyPayload).endsWith(signature));
  });
});

describe('what goes over the wire', () => {
  it('encodes each byte of a key once, and keeps its segments', () => {
    assert.equal(encodeKey("a/../b//c d+e%20f'(g)*!"), 'a/../b//c%20d%2Be%2520f%27%28g%29%2A%21');
    assert.equal(encodeKey('ä/😀/\u0001\n'), '%C3%A4/%F0%9F%98%80/%01%0A');
  });

  it('sorts a query by its encoded names, and leaves out what is undefined', () => {
    assert.equal(encodeQuery({ b: '/', a: undefined, 'a-': 1, A: '' }), 'A=&a-=1&b=%2F');
  });

  it('derives other keys for another day, another region and another secret', () => {
    const signer = new SignatureV4('s3');
    const sign = (secret: string, region: string, date: string): string =>
      signer.authorization(
        { method: 'GET', path: '/', query: '', headers: { host: 'h', 'x-amz-date': date }, payload: emptyPayload },
        { id: 'id', secret },
        region,
      );
    const all = ['20130524T000000Z', '20130525T000000Z'].flatMap((date) =>
      ['one', 'two'].flatMap((region) => ['a', 'b'].map((secret) => sign(secret, region, date))),
    );
    const signatures = all.map((value) => value.slice(value.indexOf('Signature=')));
    assert.equal(new Set(signatures).size, 8);
  });
});
