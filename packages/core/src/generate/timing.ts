import type { GenerationEvent, Timing } from '../events.ts'

/** Measures one answer from its events. */
export interface Stopwatch {
  /** Takes each event as it happens; costs one clock reading until the first word. */
  handle(event: GenerationEvent): void
  /** What is known now. */
  read(): Timing
}

/**
 * Starts measuring. `now` gives milliseconds since the epoch, for `startedAt`; `elapsed` does not jump with the time of
 * day, for all that is measured.
 */
export function createStopwatch(now: () => number, elapsed: () => number = now): Stopwatch {
  const startedAt = now()
  const begunAt = elapsed()
  // A monotonic reading has fractions; nobody reads them.
  const sinceStart = (): number => Math.round(elapsed() - begunAt)
  let queuedMs: number | undefined
  let firstTokenMs: number | undefined
  let completionTokens: number | undefined

  return {
    handle(event) {
      const isText = event.type === 'text-delta' || event.type === 'reasoning-delta'
      if (isText) firstTokenMs ??= sinceStart()
      if (event.type === 'usage') completionTokens = event.usage.completionTokens
      if (event.type === 'queue-update' && event.status !== 'IN_QUEUE') {
        queuedMs ??= sinceStart()
      }
    },
    read() {
      const totalMs = sinceStart()
      const writingMs = firstTokenMs === undefined ? 0 : totalMs - firstTokenMs
      return {
        startedAt,
        totalMs,
        ...(queuedMs !== undefined && { queuedMs }),
        ...(firstTokenMs !== undefined && { firstTokenMs }),
        ...(writingMs > 0 &&
          completionTokens !== undefined && {
            tokensPerSecond: (completionTokens * 1_000) / writingMs,
          }),
      }
    },
  }
}
