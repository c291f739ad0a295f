/** Longer words are no misspelt id, and the work grows with their length. */
const maxLength = 100

/**
 * Finds the candidate a misspelt word most likely meant: the fewest edits, at most half of its letters.
 * Case does not count, nor does a missing vendor ("gpt-4o" for "openai/gpt-4o").
 */
export function nearest(word: unknown, candidates: readonly string[]): string | undefined {
  if (typeof word !== 'string' || word.length > maxLength) return undefined
  let best: string | undefined
  let bestShare = 0.5
  for (const candidate of candidates) {
    for (const name of [candidate, candidate.slice(candidate.indexOf('/') + 1)]) {
      const share = countEdits(word.toLowerCase(), name) / Math.max(word.length, name.length)
      if (share >= bestShare) continue
      bestShare = share
      best = candidate
    }
  }
  return best
}

/** Levenshtein's distance, one row at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const letter of from) {
    let left = (row[0] ?? 0) + 1
    const next = [left]
    for (let column = 0; column < to.length; column++) {
      const replaced = (row[column] ?? 0) + (letter === to[column] ? 0 : 1)
      left = Math.min(replaced, left + 1, (row[column + 1] ?? 0) + 1)
      next.push(left)
    }
    row = next
  }
  return row[to.length] ?? 0
}
