import type { GenerationEvent, Timing, Usage } from '../events.ts'

/** Measures one answer from its events. */
export interface Stopwatch {
  /** Takes each event as it happens; costs one clock reading until the first word. */
  hear(event: GenerationEvent): void
  /** What is known now. */
  read(): Timing
}

/** Starts measuring. `now` gives milliseconds since the epoch. */
export function createStopwatch(now: () => number): Stopwatch {
  const startedAt = now()
  let queuedMs: number | undefined
  let firstTokenMs: number | undefined
  let completionTokens: number | undefined

  return {
    hear(event) {
      const isText = event.type === 'text-delta' || event.type === 'reasoning-delta'
      if (isText) firstTokenMs ??= now() - startedAt
      if (event.type === 'usage') completionTokens = event.usage.completionTokens
      if (event.type === 'queue-update' && event.status !== 'IN_QUEUE') {
        queuedMs ??= now() - startedAt
      }
    },
    read() {
      const totalMs = now() - startedAt
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

/** Tokens of a text at about four characters each, for when fal reports none. Never throws. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4)
}

/** A usage made of estimates, labelled as such; the cost stays unknown. */
export function estimateUsage(promptTokens: number, answer: string): Usage {
  const completionTokens = estimateTokens(answer)
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    costUsd: undefined,
    estimated: true,
  }
}
