import { parseXml, type XmlElement } from '../../../src/http/xml.ts';
import type { FakeRequest } from '../google-storage/fake-request.ts';
import { refuse } from './sugar-refusal.ts';

/** What an element may say: its children, those with `?` only if they like, and its attributes. */
interface Shape {
  readonly children: readonly string[];
  readonly attributes?: readonly string[];
}

const shapes: Readonly<Record<string, Shape>> = {
  appAuthorization: { children: ['username', 'password', 'application', 'accessKeyId', 'privateAccessKey'] },
  tokenAuthRequest: { children: ['accessKeyId', 'privateAccessKey', 'refreshToken'] },
  newFile: { children: ['displayName', 'mediaType'] },
  newFolder: { children: ['displayName'] },
  syncFolder: { children: ['displayName'] },
  fileCopy: { children: ['displayName'], attributes: ['source'] },
  updatedFile: { children: ['displayName?', 'mediaType?', 'parent?'] },
  updatedFolder: { children: ['displayName?', 'parent?'] },
};

/** The texts of the children and attributes of a document. Refuses one that is not of this shape. */
export function fieldsOf(request: FakeRequest, shape: string, root: XmlElement): Readonly<Record<string, string>> {
  const { children, attributes = [] } = shapes[shape] ?? refuse(500, `there is no shape ${shape}`);
  assertType(request);
  const fields: Record<string, string> = { ...root.attributes };
  for (const name of Object.keys(fields)) if (!attributes.includes(name)) refuse(400, `Unknown attribute ${name}.`);
  if (root.text.trim() !== '') refuse(400, 'There is text between the elements.');
  for (const { name, text, children: inner, namespace } of root.children) {
    const isKnown = children.includes(name) || children.includes(`${name}?`);
    if (!isKnown || namespace !== '') refuse(400, `Unknown element ${name}.`);
    if (name in fields || inner.length > 0) refuse(400, `Element ${name} is malformed.`);
    fields[name] = text;
  }
  for (const name of [...children, ...attributes])
    if (!name.endsWith('?') && (fields[name] ?? '') === '') refuse(400, `Element ${name} is missing.`);
  return fields;
}

/** The document that was sent. Refuses what is none. */
export function documentIn({ body }: FakeRequest): XmlElement {
  // The reader lets characters pass that XML does not have, because services do.
  const strange =
    /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]|&#(?:[0-8]|1[1-24-9]|2\d|3[01]|x0*(?:[0-8]|1[0-9a-f]|[bcef]));/iu;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (!strange.test(text)) return parseXml(text);
    return refuse(400, 'The document holds characters that XML does not have.');
  } catch {
    return refuse(400, 'The document is not well-formed.');
  }
}

function assertType({ headers }: FakeRequest): void {
  if (!/^application\/xml(?:; ?charset=utf-8)?$/i.test(headers['content-type'] ?? ''))
    refuse(415, 'The content type must be application/xml, in UTF-8.');
}
