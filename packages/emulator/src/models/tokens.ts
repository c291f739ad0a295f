// About six letters make a token, which is close enough to a real tokenizer for counting. One thing is exact: the tokens
// put together are the text.
const tokenPattern = /\s*(?:[\p{L}\p{M}\p{N}_]{1,6}|[^\s\p{L}\p{M}\p{N}_]{1,3})|\s+/gu

/** Cuts a text into tokens; put together they are the text again. */
export function splitTokens(text: string): readonly string[] {
  return text.match(tokenPattern) ?? []
}

/** Counts the tokens of a text without keeping them. */
export function countTokens(text: string): number {
  let count = 0
  for (const _ of text.matchAll(tokenPattern)) count += 1
  return count
}
