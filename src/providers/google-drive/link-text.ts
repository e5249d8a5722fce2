import type { DriveFile } from './drive-file.ts';

/**
 * What is read of a document of Google's editors, or of a shortcut: a link that browsers and desktops open (the format of
 * `.url` files). It depends on the id alone, so that its size is known without a request.
 */
export function linkText({ id }: Pick<DriveFile, 'id'>): Buffer {
  return Buffer.from(`[InternetShortcut]\r\nURL=https://drive.google.com/open?id=${id}\r\n`);
}
