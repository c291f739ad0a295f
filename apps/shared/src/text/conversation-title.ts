const maxLength = 60

/** A conversation's title: the beginning of its first message, cut between words. */
export function toConversationTitle(firstWords: string | undefined, fallback: string): string {
  // A whole pasted book need not be read for its beginning.
  const line =
    firstWords
      ?.trimStart()
      .slice(0, 10 * maxLength)
      .trim()
      .replace(/\s+/g, ' ') ?? ''
  if (line === '') return fallback
  if (line.length <= maxLength) return line
  const cut = line.slice(0, maxLength)
  const space = cut.lastIndexOf(' ')
  return `${cut.slice(0, space > maxLength / 2 ? space : undefined).trimEnd()}…`
}
