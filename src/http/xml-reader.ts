import { SaxesParser, type SaxesTagNS } from 'saxes';
import { StoreError } from '../store/errors.ts';

/** An element of a document, with what is in it. */
export interface XmlElement {
  /** Without a prefix. */
  readonly name: string;
  /** `''` for none. */
  readonly namespace: string;
  /** Its own character data, entities resolved, not trimmed. A character that XML cannot hold stays as it was written. */
  readonly text: string;
  readonly children: readonly XmlElement[];
  /** By name without prefix, entities resolved; those that declare namespaces are left out. Absent where there are none. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Whether an element is handed on by itself. The root's depth is 0. */
export type IsRecord = (name: string, namespace: string, depth: number) => boolean;

/** Services nest a handful of elements; looking up a namespace costs as much as the document is deep. */
const deepest = 100;

const noChildren: XmlElement[] = [];

interface OpenElement {
  readonly name: string;
  readonly namespace: string;
  text: string;
  children: XmlElement[];
  attributes?: Readonly<Record<string, string>>;
}

/**
 * Builds elements of a document that comes in pieces. Every method throws `Unavailable` for what is no well-formed XML, for a web
 * page, and for a document that declares entities (they can grow without bounds).
 */
export class XmlReader {
  readonly #parser: SaxesParser<{ xmlns: true; position: false }> = new SaxesParser({ xmlns: true, position: false });
  readonly #isRecord: IsRecord;
  readonly #open: OpenElement[] = [];
  #records: XmlElement[] = [];
  #recordDepth = Infinity;
  #root: XmlElement | undefined;

  constructor(isRecord: IsRecord = () => false) {
    this.#isRecord = isRecord;
    this.#parser.on('opentag', (tag) => this.#begin(tag));
    this.#parser.on('closetag', () => this.#end());
    this.#parser.on('text', (text) => this.#append(text));
    this.#parser.on('cdata', (text) => this.#append(text));
    this.#parser.on('doctype', refuseEntities);
    this.#parser.on('error', (error) => this.#refuse(error));
  }

  write(text: string): void {
    this.#parser.write(text);
  }

  /** The records that were closed since the last call. */
  takeRecords(): XmlElement[] {
    const records = this.#records;
    if (records.length > 0) this.#records = [];
    return records;
  }

  /** The document is over. The root, without the records and the white space before them. */
  end(): XmlElement {
    this.#parser.close();
    return this.#root as XmlElement;
  }

  #begin(tag: SaxesTagNS): void {
    const { local: name, uri: namespace } = tag;
    const depth = this.#open.length;
    if (depth === 0 && name.toLowerCase() === 'html') throw noXml('it is a web page, perhaps for logging in');
    if (depth >= deepest) throw noXml('it is nested too deeply');
    if (depth < this.#recordDepth && this.#isRecord(name, namespace, depth)) this.#recordDepth = depth;
    const element: OpenElement = { name, namespace, text: '', children: noChildren };
    const attributes = attributesOf(tag);
    if (attributes !== undefined) element.attributes = attributes;
    this.#open.push(element);
  }

  #end(): void {
    const element = this.#open.pop() as OpenElement;
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    if (this.#open.length === this.#recordDepth) {
      this.#recordDepth = Infinity;
      this.#records.push(element);
      // Else the line breaks between a million records would stay in memory.
      if (parent !== undefined) parent.text = parent.text.trimEnd();
    } else if (parent !== undefined) {
      if (parent.children === noChildren) parent.children = [element];
      else parent.children.push(element);
    }
  }

  #append(text: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += text;
  }

  #refuse(error: Error): void {
    // Names hold control characters, and services write them down in their answers although XML 1.0 has no way to.
    if (oddCharacter.test(error.message)) return;
    if (this.#open.length > 0 || this.#root !== undefined) throw broken(error);
    throw noXml(
      error.message.endsWith('must contain a root element.')
        ? 'it is empty'
        : `it is something else (${error.message})`,
      error,
    );
  }
}

function attributesOf({ attributes }: SaxesTagNS): Readonly<Record<string, string>> | undefined {
  let told: Record<string, string> | undefined;
  for (const key in attributes) {
    const { prefix, local, value } = attributes[key] as SaxesTagNS['attributes'][string];
    // An object without a prototype, because names are the service's.
    if (prefix !== 'xmlns' && local !== 'xmlns')
      (told ??= Object.create(null) as Record<string, string>)[local] = value;
  }
  return told;
}

const oddCharacter = /(malformed character entity|disallowed character)\.$/;

function refuseEntities(doctype: string): void {
  if (/<!ENTITY/i.test(doctype)) throw noXml('it declares entities');
  if (/^\s*html\b/i.test(doctype)) throw noXml('it is a web page, perhaps for logging in');
}

function noXml(why: string, cause?: Error): StoreError {
  return new StoreError('Unavailable', {
    message: `the service did not answer with the XML that was asked for: ${why}`,
    cause,
  });
}

function broken(error: Error): StoreError {
  const message = `the XML of the answer is broken or ends early (${error.message})`;
  return new StoreError('Unavailable', { message, cause: error });
}
