import type { GenerationEvent } from '../events.ts'

/**
 * What happened, with the words between two other events merged into one delta of each kind.
 * It therefore holds the answer, not the stream.
 */
export type EventLog = GenerationEvent[]

/** Adds an event in place. A `reset` forgets the words before it. */
export function appendEvent(log: EventLog, event: GenerationEvent): void {
  if (event.type === 'reset') {
    const rest = log.filter((entry) => !isDelta(entry) && entry.type !== 'reset')
    log.splice(0, log.length, ...rest, event)
    return
  }
  if (!isDelta(event)) {
    log.push(event)
    return
  }
  // At most one reasoning and one text delta stand side by side, so two steps back are enough.
  for (let index = log.length - 1; index >= Math.max(0, log.length - 2); index--) {
    const entry = log[index]
    if (entry === undefined || !isDelta(entry)) break
    if (entry.type !== event.type) continue
    log[index] = { type: entry.type, delta: entry.delta + event.delta }
    return
  }
  log.push(event)
}

function isDelta(
  event: GenerationEvent,
): event is Extract<GenerationEvent, { type: 'text-delta' | 'reasoning-delta' }> {
  return event.type === 'text-delta' || event.type === 'reasoning-delta'
}
