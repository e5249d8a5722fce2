import { posix } from 'node:path';

const link = /\[[^\]]*\]\(([^)\s]+)\)/g;

/** Links of Markdown documents to files or headings that do not exist. Addresses in the net are not asked. */
export function brokenLinks(documents: ReadonlyMap<string, string>, exists: (path: string) => boolean): string[] {
  return [...documents].flatMap(([document, text]) =>
    [...withoutCode(text).matchAll(link)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !isWhole(document, target))
      .map((target) => `${document} links to ${target}`),
  );

  function isWhole(document: string, target: string): boolean {
    const [path = '', heading] = target.split('#');
    const file = path === '' ? document : posix.join(posix.dirname(document), path);
    if (heading === undefined) return exists(file);
    return headingsOf(documents.get(file) ?? '').includes(heading);
  }
}

/** The names by which a document's headings are linked to. */
function headingsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}
