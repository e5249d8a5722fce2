import { invalid } from './google-fault.ts';

/** One part of a multipart body. */
export interface BodyPart {
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly content: Buffer;
}

/** The parts of a `multipart/<subtype>` body (RFC 2046, section 5.1). Throws for a body that is none, or has no end. */
export function parseMultipart(contentType: string | undefined, subtype: string, body: Buffer): BodyPart[] {
  const boundary = boundaryOf(contentType, subtype);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: BodyPart[] = [];
  let at = text.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (text.subarray(start, start + 2).toString('latin1') === '--') return parts;
    const line = text.indexOf('\r\n', start);
    const next = text.indexOf(delimiter, line === -1 ? start : line);
    if (line === -1 || next === -1 || text.subarray(start, line).toString('latin1').trim() !== '') break;
    parts.push(parsePart(text.subarray(line + 2, next)));
    at = next;
  }
  throw invalid(`Malformed multipart body: it has no closing boundary ${boundary}.`);
}

function boundaryOf(contentType: string | undefined, subtype: string): string {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  const given = parameters.find((parameter) => /^boundary=/i.test(parameter))?.slice('boundary='.length);
  const boundary = given?.replace(/^(['"])(.*)\1$/, '$2');
  if (
    type.toLowerCase() !== `multipart/${subtype}` ||
    boundary === undefined ||
    !/^[\x20-\x7e]{1,70}$/.test(boundary)
  ) {
    throw invalid(`Content-Type is not multipart/${subtype} with a boundary: ${contentType}`, 'Content-Type');
  }
  return boundary;
}

function parsePart(part: Buffer): BodyPart {
  if (part.subarray(0, 2).toString('latin1') === '\r\n') return { headers: new Map(), content: part.subarray(2) };
  const end = part.indexOf('\r\n\r\n');
  if (end === -1) throw invalid('Malformed multipart body: a part has no headers.');
  const lines = part.subarray(0, end).toString('latin1').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    if (colon < 1) throw invalid(`Malformed multipart body: ${line}`);
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: new Map(headers), content: part.subarray(end + 4) };
}
