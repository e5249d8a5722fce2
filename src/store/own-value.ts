/** What a table says to a word from outside. A word that every object knows, such as `constructor`, is no word of the table. */
export function ownValue<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
