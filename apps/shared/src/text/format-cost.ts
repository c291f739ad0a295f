/** A cost in US dollars, two digits that mean something: 0.00123 → "$0.0012", 1.5 → "$1.50". Never throws. */
export function formatCost(costUsd: number): string {
  if (costUsd === 0) return '$0'
  if (costUsd < 0.000001) return '< $0.000001'
  const digits = Math.max(2, 1 - Math.floor(Math.log10(costUsd)))
  return `$${costUsd.toFixed(digits)}`
}
