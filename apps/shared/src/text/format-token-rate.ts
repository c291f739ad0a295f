/** A speed in tokens per second: 57.3 → "57 tok/s", 4.21 → "4.2 tok/s". Never throws. */
export function formatTokenRate(tokensPerSecond: number): string {
  return `${tokensPerSecond.toFixed(tokensPerSecond < 9.95 ? 1 : 0)} tok/s`
}
