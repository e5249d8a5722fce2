import type { DavNode } from './dav-tree.ts';

/** How a server writes its answers; all of them mean the same. */
export interface DavStyle {
  /** The prefix of the namespace, undefined: it is the default one, null: there is no namespace at all. */
  readonly prefix?: string | null | undefined;
  /** How paths become `href`s. Default: encoded, with a slash behind collections. */
  readonly href?: ((path: string, isCollection: boolean) => string) | undefined;
}

/** A resource of an answer. */
export interface Listed {
  readonly path: string;
  readonly node: DavNode;
}

/** A Multi-Status (RFC 4918 section 13) with the properties that entries are made of, those of the quota among them. */
export function multistatusText(listed: readonly Listed[], style: DavStyle, quota: string): string {
  const { prefix = 'D', href = plainHref } = style;
  const mark = prefix === null || prefix === '' ? '' : `${prefix}:`;
  const space = prefix === null ? '' : ` xmlns${prefix === '' ? '' : `:${prefix}`}="DAV:"`;
  const tag = (name: string, text: string): string => `<${mark}${name}>${text}</${mark}${name}>`;
  const responses = listed.map(({ path, node: { bytes, etag, modified, property } }) => {
    const isCollection = bytes === undefined;
    const found = [
      tag('resourcetype', isCollection ? `<${mark}collection/>` : ''),
      tag('getlastmodified', new Date(modified).toUTCString()),
      ...(property === undefined
        ? []
        : [`<own:cloudfusion-metadata xmlns:own="urn:cloudfusion">${property}</own:cloudfusion-metadata>`]),
      ...(isCollection ? [quota] : [tag('getcontentlength', String(bytes.length)), tag('getetag', etag)]),
    ];
    const missing = isCollection ? `<${mark}getcontentlength/><${mark}getetag/>` : '<x:other xmlns:x="urn:x"/>';
    const propstat = (properties: string, status: string): string =>
      tag('propstat', tag('prop', properties) + tag('status', status));
    const parts = propstat(missing, 'HTTP/1.1 404 Not Found') + propstat(found.join(''), 'HTTP/1.1 200 OK');
    return tag('response', tag('href', escaped(href(path, isCollection))) + parts);
  });
  return `<?xml version="1.0"?><${mark}multistatus${space}>\n${responses.join('\n')}</${mark}multistatus>`;
}

/** A path as most servers write it. */
export function plainHref(path: string, isCollection: boolean): string {
  return path.split('/').map(encodeURIComponent).join('/') + (isCollection ? '/' : '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
