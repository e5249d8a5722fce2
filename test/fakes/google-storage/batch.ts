import type { FakeAnswer, FakeRequest } from './fake-request.ts';
import { faultOfStatus, GoogleFault, invalid, methodNotAllowed } from './google-fault.ts';
import type { JsonCall } from './json-call.ts';
import { jsonError } from './error-answers.ts';
import { type BodyPart, parseMultipart } from './multipart-body.ts';

const maxCalls = 100;
const boundary = 'batch_answer';

/** Many calls in one request; each has its own answer (https://docs.cloud.google.com/storage/docs/batch). */
export function answerBatch(call: JsonCall, answer: (call: JsonCall) => FakeAnswer): FakeAnswer {
  const { request } = call;
  if (request.method !== 'POST') throw methodNotAllowed();
  const parts = parseMultipart(request.headers['content-type'], 'mixed', request.body);
  if (parts.length === 0 || parts.length > maxCalls) {
    throw invalid(`The batch request contains ${parts.length} calls; at most ${maxCalls} are allowed.`);
  }
  const answers = parts.map((part) => answerPart(call, part, answer));
  return {
    status: 200,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
    body: Buffer.concat([...answers, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

function answerPart(call: JsonCall, part: BodyPart, answer: (call: JsonCall) => FakeAnswer): Buffer {
  const id = part.headers.get('content-id');
  const inner = attempt(() => answerCall(call, innerRequest(call.request, part), answer));
  const body = Buffer.from(inner.body ?? '');
  const headers = Object.entries({ ...inner.headers, 'content-length': String(body.length) });
  const head = [
    `--${boundary}`,
    'Content-Type: application/http',
    ...(id === undefined ? [] : [`Content-ID: ${id.replace('<', '<response-')}`]),
    '',
    `HTTP/1.1 ${inner.status} Status`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n')), body, Buffer.from('\r\n')]);
}

function answerCall(call: JsonCall, request: FakeRequest, answer: (call: JsonCall) => FakeAnswer): FakeAnswer {
  const fault = call.faults.take(request)?.answer;
  if (fault !== undefined) throw faultOfStatus(fault.status, fault.retryAfter);
  return answer({ ...call, request });
}

function attempt(work: () => FakeAnswer): FakeAnswer {
  try {
    return work();
  } catch (error) {
    if (error instanceof GoogleFault) return jsonError(error);
    throw error;
  }
}

function innerRequest(outer: FakeRequest, part: BodyPart): FakeRequest {
  if (part.headers.get('content-type') !== 'application/http') {
    throw invalid('The parts of a batch are application/http.', 'Content-Type');
  }
  const text = part.content.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...lines] = (end === -1 ? text : text.slice(0, end)).split('\r\n');
  const [, method = '', rawPath = '', rawQuery = ''] =
    /^([A-Z]+) (\/storage\/v1\/[^ ?]*)(?:\?([^ ]*))?(?: HTTP\/1\.1)?$/.exec(line) ?? [];
  if (method === '') throw invalid(`A batch cannot hold this call: ${line}`);
  const query = new URLSearchParams(rawQuery);
  if (query.get('alt') === 'media') throw invalid('A batch cannot hold downloads.', 'alt');
  const rawHeaders = lines.filter((header) => header !== '').flatMap((header) => header.split(/:\s*/, 2));
  const own = Object.fromEntries(
    Array.from({ length: rawHeaders.length / 2 }, (_, at) => [
      rawHeaders[2 * at]?.toLowerCase(),
      rawHeaders[2 * at + 1],
    ]),
  );
  const headers = { authorization: outer.headers.authorization, ...own };
  const body = end === -1 ? Buffer.alloc(0) : part.content.subarray(end + 4);
  return { method, rawPath, rawQuery, query, headers, rawHeaders, body, isWhole: true };
}
