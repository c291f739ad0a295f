const english = new Intl.NumberFormat('en')

/** A whole number with its thousands apart: 1204 → "1,204". Never throws. */
export function formatCount(count: number): string {
  return english.format(count)
}
