const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** The time of day of a timestamp, here: "14:03:09"; what is no timestamp gives "". Never throws. */
export function formatClock(timestamp: string): string {
  const time = Date.parse(timestamp)
  return Number.isNaN(time) ? '' : clock.format(time)
}
