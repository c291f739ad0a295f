import type { GenerationEvent } from '../events.ts'

/**
 * What happened, with the words between two other events merged into one delta of each kind.
 * It therefore holds the answer, not the stream. Its deltas are its own and grow; give `copyLog` away, not the log.
 */
export type EventLog = GenerationEvent[]

/** The log as it is now. */
export function copyLog(log: EventLog): EventLog {
  return log.map((event) => (isDelta(event) ? { ...event } : event))
}

/** The words of one kind, all of them. */
export function wordsOf(log: EventLog, type: 'text-delta' | 'reasoning-delta'): string {
  return log.map((event) => (event.type === type ? event.delta : '')).join('')
}

/** Adds an event in place. A `reset` forgets the words before it, a `usage` takes the place of the one before. */
export function appendEvent(log: EventLog, event: GenerationEvent): void {
  const last = log.at(-1)
  // Nearly every event goes on with the words before it.
  if (last && isDelta(last) && last.type === event.type) {
    last.delta += event.delta
    return
  }
  if (event.type === 'reset') {
    const rest = log.filter((entry) => !isDelta(entry) && entry.type !== 'reset')
    log.splice(0, log.length, ...rest, event)
    return
  }
  if (event.type === 'usage') {
    const index = log.findLastIndex((entry) => entry.type === 'usage')
    log.splice(index === -1 ? log.length : index, 1, event)
    return
  }
  if (!isDelta(event)) {
    log.push(event)
    return
  }
  // At most one delta of each kind and a usage stand side by side, so three steps back are enough.
  for (let index = log.length - 1; index >= Math.max(0, log.length - 3); index--) {
    const entry = log[index]
    if (entry === undefined || !(isDelta(entry) || entry.type === 'usage')) break
    if (entry.type !== event.type) continue
    entry.delta += event.delta
    return
  }
  log.push({ type: event.type, delta: event.delta })
}

function isDelta(
  event: GenerationEvent,
): event is Extract<GenerationEvent, { type: 'text-delta' | 'reasoning-delta' }> {
  return event.type === 'text-delta' || event.type === 'reasoning-delta'
}
