// A job that was submitted is paid for: one bad GET is no reason to give it up. Whoever follows one bears what may pass
// (refused connections, cut or garbled answers, pages of HTML, 5xx, 429) until fal has not spoken of the job for as long
// as the caller's patience lasts. What fal says about the job itself is final.

import { FalLlmError } from '../../errors.ts'
import type { Job } from './job.ts'
import type { Deadline } from '../../deadline.ts'

/** How long fal may be out of reach unless the caller says otherwise, milliseconds. */
export const defaultPatienceMs = 600_000
/** fal keeps a result for an hour: nobody need ask for longer (fal-protocol §4.5). */
const resultKeptMs = 3_600_000
/** A job just submitted, or just heard of, may not be known everywhere. */
const unknownForMs = 3_000
/** Between two questions that failed: at first, and at most. */
const firstPauseMs = 260
const longestPauseMs = 15_000

/** Decides what is borne while a job is followed. */
export interface Patience {
  /** fal spoke of the job. */
  reached(): void
  /**
   * A question failed in a way that may pass.
   *
   * @throws FalLlmError `network` or `provider`, retryable, when patience is over.
   */
  bear(error: FalLlmError): void
  /** Whether a job that is not known may turn up yet. */
  mayTurnUp(): boolean
  /** How many questions have failed since fal spoke last. */
  failures(): number
  /** How long to wait before the next question; 0 when the last one was answered. */
  pauseMs(): number
}

/** Starts patient. `submittedAt` is the clock's reading when we submitted the job, undefined for somebody else's. */
export function createPatience(
  { requestId, endpoint }: Job,
  { elapsed }: Pick<Deadline, 'elapsed'>,
  patienceMs: number,
  submittedAt: number | undefined,
  completed: () => boolean,
): Patience {
  let reachedAt = elapsed()
  let knownAt = submittedAt ?? -Infinity
  let failures = 0
  let pauseMs = 0

  return {
    reached() {
      reachedAt = elapsed()
      knownAt = reachedAt
      failures = 0
      pauseMs = 0
    },
    bear(error) {
      failures += 1
      const backoffMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 10))
      const askedMs = error.retryAfterMs ?? 0
      pauseMs = askedMs + backoffMs * (0.5 + Math.random() / 2)
      const limitMs = completed() ? Math.min(patienceMs, resultKeptMs) : patienceMs
      const silentMs = elapsed() - reachedAt
      if (silentMs + pauseMs <= limitMs) return
      // Asked to wait longer than that: what fal says is more than what we make of it.
      if (askedMs > limitMs) throw error.with({ requestId })
      const code = error.status === undefined && error.code !== 'provider' ? 'network' : 'provider'
      const seconds = Math.round(silentMs / 1_000)
      const message = `fal did not say in ${seconds} s what became of job ${requestId}: ${error.message}`
      throw new FalLlmError(code, message, {
        ...error,
        endpoint: endpoint.id,
        requestId,
        retryable: true,
        cause: error.cause,
      })
    },
    mayTurnUp: () => elapsed() - knownAt < unknownForMs,
    failures: () => failures,
    pauseMs: () => pauseMs,
  }
}
