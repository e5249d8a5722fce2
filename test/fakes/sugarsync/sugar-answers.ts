import type { SugarDisk, Stored } from './sugar-disk.ts';

/** Elements as the service writes them down. */
export class SugarAnswers {
  readonly #disk: SugarDisk;
  readonly #origin: string;

  /** `origin`: of the addresses that are told. */
  constructor(disk: SugarDisk, origin: string) {
    this.#disk = disk;
    this.#origin = origin;
  }

  user(): string {
    const { user, top, deleted, briefcase, limit, used } = this.#disk;
    const links = {
      workspaces: `/user/${user}/workspaces/contents`,
      syncfolders: `${top}/contents`,
      deleted: deleted.ref,
      magicBriefcase: briefcase.ref,
    };
    const told = Object.entries(links).map(([name, ref]) => element(name, this.#origin + ref));
    const quota = element('limit', String(limit)) + element('usage', String(used));
    return document(
      'user',
      `<username>anna@example.com</username><nickname>anna</nickname><quota>${quota}</quota>${told.join('')}`,
    );
  }

  authorization(expires: number): string {
    const user = `${this.#origin}/user/${this.#disk.user}`;
    return document('authorization', element('expiration', pacific(expires)) + element('user', user));
  }

  /** All about one file or folder; the answer does not tell its own address. */
  about(stored: Stored): string {
    const { name, ref, parent, created } = stored;
    const isTop = parent === this.#disk.top;
    const above = isTop ? `/workspace/:sc:${this.#disk.user}:2` : parent;
    const own = element('displayName', name) + element('dsid', `/sc/${this.#disk.user}/${ref.split(':').at(-1)}`);
    const place = element('timeCreated', pacific(created)) + element('parent', this.#origin + above);
    const rest =
      stored.kind === 'file'
        ? this.#facts(stored) + element('versions', `${this.#origin}${ref}/version`)
        : element('contents', `${this.#origin}${ref}/contents`) + '<sharing enabled="false"/>';
    return document(stored.kind, own + place + rest);
  }

  /** Folders come before files, whatever the order of the rest. */
  contents(page: readonly Stored[], start: number, hasMore: boolean, isTop: boolean): string {
    const folders = page.filter(({ kind }) => kind === 'folder').map((stored) => this.#listed(stored, isTop));
    const files = page.filter(({ kind }) => kind === 'file').map((stored) => this.#listed(stored, isTop));
    const end = start + Math.max(0, page.length - 1);
    return `${head}<collectionContents start="${start}" hasMore="${hasMore}" end="${end}">\n${[...folders, ...files].join('\n')}\n</collectionContents>`;
  }

  #listed(stored: Stored, isTop: boolean): string {
    const { name, ref } = stored;
    const own = element('displayName', name) + element('ref', this.#origin + ref);
    if (stored.kind === 'file') return `<file>${own}${this.#facts(stored)}</file>`;
    const type = isTop ? 'syncFolder' : 'folder';
    return `<collection type="${type}">${own}${element('contents', `${this.#origin}${ref}/contents`)}</collection>`;
  }

  #facts(stored: Stored & { readonly kind: 'file' }): string {
    const { content, pending, modified, mediaType, ref } = stored;
    return (
      element('size', String(content?.length ?? pending ?? -1)) +
      element('lastModified', pacific(modified)) +
      element('mediaType', mediaType) +
      element('presentOnServer', String(content !== undefined)) +
      element('fileData', `${this.#origin}${ref}/data`)
    );
  }
}

const head = '<?xml version="1.0" encoding="UTF-8"?>';

function document(name: string, content: string): string {
  return `${head}<${name}>${content}</${name}>`;
}

function element(name: string, text: string): string {
  return `<${name}>${text.replace(/[&<>\r]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</${name}>`;
}

/** A time as the service writes it: of its own zone. */
function pacific(time: number): string {
  const hours = 8;
  return new Date(time - hours * 3_600_000).toISOString().replace('Z', `-0${hours}:00`);
}
