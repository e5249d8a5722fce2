import { type XmlElement } from '../../http/xml.ts';
import { StoreError } from '../../store/errors.ts';
import { resourceIn, strangeAnswer, type SugarResource } from './sugar-resource.ts';

/** Entries of a page at the most; the service's own measure. */
const pageEntries = 500;
/** Listings that are begun because the folder changed while the last one was made. */
const listingsAtMost = 5;

/** The page of a listing that begins at the index `start`. */
export type GetPage = (query: string) => Promise<XmlElement>;

/**
 * All that the folder `parent` holds. Pages are counted by index, so what is deleted meanwhile moves the rest, and something would be left out.
 * Each page therefore begins with the end of the one before; where it does not, the listing is begun again.
 */
export async function allPages(parent: string, page: GetPage): Promise<SugarResource[]> {
  for (let listing = 1; listing <= listingsAtMost; listing++) {
    const found = await oneListing(parent, page);
    if (found !== undefined) return found;
  }
  throw new StoreError('Unavailable', { message: 'the folder changes faster than it can be listed' });
}

/** Undefined where it does not hold together. */
async function oneListing(parent: string, page: GetPage): Promise<SugarResource[] | undefined> {
  const found = new Map<string, SugarResource>();
  for (let start = 0; ; ) {
    const root = await page(`?start=${start}&max=${pageEntries}&order=name`);
    if (root.name !== 'collectionContents') throw strangeAnswer();
    const entries = root.children.filter(({ name }) => name === 'collection' || name === 'file');
    const resources = entries.map((element) => resourceIn(element, { parent }));
    const known = resources.filter(({ ref }) => found.has(ref)).length;
    if (start > 0 && known !== 1) return undefined;
    for (const resource of resources) found.set(resource.ref, resource);
    const more = root.attributes?.['hasMore'];
    if (more === 'false') return [...found.values()];
    // Else the listing would not end, or end too early in silence.
    if (more !== 'true' || resources.length < 2) throw strangeAnswer();
    start += resources.length - 1;
  }
}
