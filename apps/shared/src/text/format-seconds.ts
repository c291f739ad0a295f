/** A duration in seconds as one reads it: 420 → "0.42 s", 12340 → "12.3 s", 65000 → "1 min 5 s". Never throws. */
export function formatSeconds(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1000
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}
