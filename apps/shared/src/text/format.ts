// Figures as a person reads them.

const english = new Intl.NumberFormat('en')
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** A size: 900 → "1 KB", 2_400_000 → "2.4 MB", 12_000_000 → "12 MB". */
export function formatBytes(sizeBytes: number): string {
  if (sizeBytes < 999_500) return `${Math.max(1, Math.round(sizeBytes / 1000))} KB`
  const megabytes = sizeBytes / 1_000_000
  return `${megabytes < 9.95 ? megabytes.toFixed(1).replace('.0', '') : Math.round(megabytes)} MB`
}

/** The time of day of a timestamp, in the reader's time zone: "14:03:09". Empty for what is no timestamp. */
export function formatClock(timestamp: string): string {
  const time = Date.parse(timestamp)
  return Number.isNaN(time) ? '' : clock.format(time)
}

/** A cost in US dollars, to two significant digits: 0.00123 → "$0.0012", 1.5 → "$1.50". */
export function formatCost(costUsd: number): string {
  if (costUsd === 0) return '$0'
  if (costUsd < 0.000001) return '< $0.000001'
  const digits = Math.max(2, 1 - Math.floor(Math.log10(costUsd)))
  return `$${costUsd.toFixed(digits)}`
}

/** A whole number: 1204 → "1,204". */
export function formatCount(count: number): string {
  return english.format(count)
}

/** A duration: 420 → "0.42 s", 12340 → "12.3 s", 65000 → "1 min 5 s". */
export function formatSeconds(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1000
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** A speed: 57.3 → "57 tok/s", 4.21 → "4.2 tok/s". */
export function formatTokenRate(tokensPerSecond: number): string {
  return `${tokensPerSecond.toFixed(tokensPerSecond < 9.95 ? 1 : 0)} tok/s`
}
