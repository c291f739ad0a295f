// Six letters to a token: close enough to a real tokenizer for counting, and exact in one thing: the pieces
// put together are the text.
const tokenPattern = /\s*(?:[\p{L}\p{M}\p{N}_]{1,6}|[^\s\p{L}\p{M}\p{N}_]{1,3})|\s+/gu

/** Cuts a text into tokens; together they are the text again. Never throws. */
export function splitTokens(text: string): readonly string[] {
  return text.match(tokenPattern) ?? []
}

/** Counts a text's tokens without keeping them. Never throws. */
export function countTokens(text: string): number {
  let count = 0
  for (const _ of text.matchAll(tokenPattern)) count += 1
  return count
}
