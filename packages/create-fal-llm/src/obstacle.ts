/** What may lie in a folder that an app is written into: nothing of it is written over. */
const harmless: ReadonlySet<string> = new Set([
  '.git',
  '.gitattributes',
  '.hg',
  '.DS_Store',
  'Thumbs.db',
  '.idea',
  '.vscode',
  'LICENSE',
])

/** The first entry of a folder that an app could spoil; undefined: an app may be written there. Never throws. */
export function findObstacle(entries: readonly string[]): string | undefined {
  return entries.toSorted().find((entry) => !harmless.has(entry))
}
