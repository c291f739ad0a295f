// Following prefers fal's status stream, which says the end at once. Where it is refused, cut or held back it falls back
// to polling; where it is merely quiet, one poll asks whether the end was missed. Status only goes forward: what is late,
// repeated, unknown or garbled is passed over.

import { toFalLlmError } from '../errors.ts'
import type { GenerationEvent } from '../events.ts'
import type { JobCall } from './fal-queue.ts'
import { jobUrl } from './job.ts'
import type { Job } from './job.ts'
import { createLogBook } from './log-book.ts'
import type { TakeLines } from './log-book.ts'
import { readSse } from './sse.ts'
import type { Reading } from './sse.ts'
import { createWatch } from './watch.ts'

type QueueStatus = Extract<GenerationEvent, { type: 'queue-update' }>['status']

const ranks: Readonly<Record<string, number>> = { IN_QUEUE: 0, IN_PROGRESS: 1, COMPLETED: 2 }

/** A stream that says nothing this soon is held back by something in between; fal's begins with the current status. */
const streamTimeouts = { connectMs: 5_000, firstTokenMs: 1_500, idleMs: 15_000 }
/** While a job is young it is asked for often, later seldom: p50 130 ms for short ones, fewer calls than every 500 ms. */
const pollSteps = [
  { untilMs: 4_000, everyMs: 260 },
  { untilMs: 20_000, everyMs: 1_250 },
  { untilMs: Infinity, everyMs: 4_000 },
] as const
/** How many cuts a status stream is joined again after, before the job is asked for by polling. */
const cutsBorne = 3
/** A job just submitted may not be known everywhere yet. */
const unknownForMs = 3_000
/** How long fal may be out of reach before a job is given up, milliseconds. */
const lostAfterMs = 12_000

/** What a job ended with. */
export interface JobAnswer {
  readonly answer: unknown
  readonly failure: unknown
}

/**
 * Follows a job to its end.
 *
 * @returns The job's answer as fal sent it, and what its last status said went wrong.
 * @throws FalLlmError
 */
export async function followJob(job: Job, call: JobCall, joined: boolean): Promise<JobAnswer> {
  const { watch, queue, loadClient } = call
  const { requestId, endpoint } = job
  const clock = watch.clock
  const startedAt = clock.now()
  const progress = createProgress(job, call)
  const client = await watch.race(loadClient({ signal: watch.signal }))
  let reachedAt = startedAt
  let streaming = queue.follow !== 'poll'
  let cuts = 0

  /** Asks fal; undefined when it could not be reached this time. */
  const ask = async <T>(question: Promise<T>): Promise<T | undefined> => {
    try {
      const answer = await watch.race(question)
      reachedAt = clock.now()
      return answer
    } catch (thrown) {
      const error = toFalLlmError(thrown)
      const young = error.code === 'not-found' && clock.now() - startedAt < unknownForMs && !joined
      const notYet = error.status === 400 && /in progress/i.test(error.message)
      if (notYet) reachedAt = clock.now()
      const lost = error.retryable && clock.now() - reachedAt < lostAfterMs && !progress.failed()
      if (watch.signal.aborted || !(young || notYet || lost)) throw error
      return undefined
    }
  }
  const poll = async (): Promise<void> => {
    const status = await ask(
      client.queue.status(endpoint.id, {
        requestId,
        logs: queue.logs ?? false,
        abortSignal: watch.signal,
      }),
    )
    progress.hear(status, progress.openSource())
  }

  // Lines written before we came are only in a poll.
  if (joined && queue.logs) await poll()
  for (;;) {
    if (streaming && !progress.completed()) {
      const ending = await followStream(job, call, progress)
      if (ending === 'cut') cuts += 1
      streaming = ending !== 'refused' && cuts <= cutsBorne
    }
    if (!progress.completed()) await poll()
    if (progress.completed()) {
      // A job that failed says so with any status, 503 too: asking again would not change it.
      const noMoreTries = progress.failed() ? AbortSignal.abort() : undefined
      const asking = await loadClient({ signal: watch.signal, noMoreTries })
      const result = await ask(
        asking.queue.result(endpoint.id, { requestId, abortSignal: watch.signal }),
      )
      if (result) return { answer: result.data, failure: progress.failure() }
    }
    if (!streaming || progress.completed()) await watch.sleep(pauseMs(clock.now() - startedAt))
  }
}

/**
 * Follows the status stream. quiet: it is alive but has said nothing for long; cut: it broke off after it had spoken;
 * refused: it never said anything.
 */
async function followStream(
  job: Job,
  call: JobCall,
  progress: Progress,
): Promise<'refused' | 'cut' | 'quiet'> {
  const { http, queue, watch } = call
  const own = createWatch(watch.clock, streamTimeouts, watch.signal)
  const take = progress.openSource()
  let heard = false
  try {
    const response = await http.send(
      {
        url: jobUrl(job, `/status/stream?logs=${queue.logs ? 1 : 0}`),
        method: 'GET',
        headers: { accept: 'text/event-stream' },
        endpoint: job.endpoint.id,
        once: true,
      },
      own,
    )
    await readSse(response, own, (message): Reading => {
      heard = true
      progress.hear(parseStatus(message.data), take)
      return progress.completed() ? 'done' : 'more'
    })
    return heard ? 'cut' : 'refused'
  } catch (thrown) {
    if (watch.signal.aborted) throw watch.signal.reason
    const error = toFalLlmError(thrown)
    const refused = error.code === 'auth' || error.code === 'forbidden'
    if (refused || queue.follow === 'stream') throw error
    if (!heard) return 'refused'
    return error.code === 'timeout' ? 'quiet' : 'cut'
  } finally {
    own.close()
  }
}

interface Progress {
  /** Begins a poll or a stream. */
  readonly openSource: () => TakeLines
  /** Takes a status object; `take` is of the source that said it. */
  hear(status: unknown, take: TakeLines): void
  completed(): boolean
  /** The last status says that the job did not succeed. */
  failed(): boolean
  /** What that status says went wrong, shaped as an in-band error. */
  failure(): { readonly message: string; readonly type: unknown } | undefined
}

function createProgress(job: Job, call: JobCall): Progress {
  let rank = -1
  let failure: ReturnType<Progress['failure']>
  let position: number | undefined

  return {
    openSource: createLogBook(),
    hear(status, take) {
      if (typeof status !== 'object' || status === null) return
      const fields = status as Readonly<Record<string, unknown>>
      const name = String(fields['status'])
      const nextRank = Object.hasOwn(ranks, name) ? (ranks[name] ?? -1) : -1
      if (nextRank < rank || nextRank < 0) return
      const logs = take(fields['logs'])
      const place = fields['queue_position']
      const nextPosition = typeof place === 'number' && nextRank === 0 ? place : undefined
      if (nextRank === rank && nextPosition === position && logs.length === 0) return
      rank = nextRank
      const message = fields['error']
      failure =
        typeof message === 'string' && message !== ''
          ? { message, type: fields['error_type'] }
          : undefined
      position = nextPosition
      call.emit({
        type: 'queue-update',
        requestId: job.requestId,
        // A name with a rank is one of the three.
        status: name as QueueStatus,
        ...(position !== undefined && { position }),
        logs: call.queue.logs ? logs : [],
      })
    },
    completed: () => rank === 2,
    failed: () => failure !== undefined,
    failure: () => failure,
  }
}

function parseStatus(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

function pauseMs(ageMs: number): number {
  return (pollSteps.find(({ untilMs }) => ageMs < untilMs) ?? pollSteps[2]).everyMs
}
