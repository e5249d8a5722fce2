import { SaxesParser, type SaxesTagNS } from 'saxes';
import { StoreError } from '../store/errors.ts';

/** An element of an answer. Which prefix the service chose for a namespace does not show. */
export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  /** The address of the namespace, or the empty string. */
  readonly namespace: string;
  /** The character data directly inside, references resolved, not trimmed. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Which elements are records: `depth` is 0 for the root. */
export type IsRecord = (name: string, namespace: string, depth: number) => boolean;

/** The first child of a name, in any namespace unless one is given. */
export function childCalled(element: XmlElement, name: string, namespace?: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name && (namespace ?? child.namespace) === child.namespace);
}

/** The text of an element; of none the empty string. */
export function textOf(element: XmlElement | undefined): string {
  return element?.text ?? '';
}

/** The root of a short document. Throws `Unavailable` for what is no XML: a login page, an answer that was cut off. */
export function parseXml(text: string): XmlElement {
  const reader = new XmlReader(() => false);
  reader.push(text);
  return reader.end();
}

/**
 * The records of a long document, each as soon as it has come whole; none is kept. Returns the root without them. Throws
 * `Unavailable` as `parseXml` does, and what reading `body` throws.
 */
export async function* xmlRecords(
  body: AsyncIterable<Uint8Array>,
  isRecord: IsRecord,
): AsyncGenerator<XmlElement, XmlElement> {
  const decoder = new TextDecoder();
  const reader = new XmlReader(isRecord);
  for await (const chunk of body) yield* reader.push(decoder.decode(chunk, { stream: true }));
  yield* reader.push(decoder.decode());
  return reader.end();
}

/** An element that has not ended. */
interface OpenElement {
  readonly name: string;
  readonly namespace: string;
  text: string;
  readonly children: XmlElement[];
}

class XmlReader {
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  readonly #isRecord: IsRecord;
  readonly #open: OpenElement[] = [];
  #records: XmlElement[] = [];
  #root: XmlElement | undefined;

  constructor(isRecord: IsRecord) {
    this.#isRecord = isRecord;
    this.#parser.on('opentag', (tag) => this.#begin(tag));
    this.#parser.on('closetag', () => this.#close());
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    // Entities of its own are how a small document becomes a large one; no service has any.
    this.#parser.on('doctype', () => {
      throw noXml('it has a DOCTYPE');
    });
    this.#parser.on('error', (error) => {
      throw noXml(error.message);
    });
  }

  /** The records that end in this piece. */
  push(text: string): readonly XmlElement[] {
    if (text !== '') this.#parser.write(text);
    const records = this.#records;
    if (records.length > 0) this.#records = [];
    return records;
  }

  end(): XmlElement {
    this.#parser.close();
    if (this.#root === undefined) throw noXml('it is empty');
    return this.#root;
  }

  #begin({ local, uri }: SaxesTagNS): void {
    this.#open.push({ name: local, namespace: uri, text: '', children: [] });
  }

  #text(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  #close(): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    const { name, namespace } = element;
    const parent = this.#open.at(-1);
    if (this.#isRecord(name, namespace, this.#open.length)) this.#records.push(element);
    else if (parent !== undefined) parent.children.push(element);
    if (parent === undefined) this.#root = element;
  }
}

function noXml(why: string): StoreError {
  return new StoreError('Unavailable', { message: `the service answered something that is no XML: ${why}` });
}
