/** Everything that lies in one of these folders and not in the trash (https://developers.google.com/workspace/drive/api/guides/ref-search-terms). */
export function inFolders(folders: readonly string[]): string {
  const places = folders.map((id) => `${quoted(id)} in parents`).join(' or ');
  return `(${places}) and trashed = false`;
}

/** What a folder holds under one of these names. Drive compares without regard to case, so the answer may hold others. */
export function named(folder: string, names: readonly string[]): string {
  const any = names.map((name) => `name = ${quoted(name)}`).join(' or ');
  return `${quoted(folder)} in parents and (${any}) and trashed = false`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
