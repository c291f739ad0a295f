// Following prefers fal's status stream, which says the end at once. Where it is refused, cut or held back it falls back
// to polling; where it is merely quiet, one poll asks whether the end was missed. Every question may fail: patience.ts
// says for how long.

import { FalLlmError, toFalLlmError } from '../../errors.ts'
import { askJob, longestAskMs } from './ask-job.ts'
import type { JobReply, JobRefusal } from './ask-job.ts'
import { parseDuration } from '../../duration.ts'
import type { JobCall, Job } from './job.ts'
import { createJobProgress } from './job-progress.ts'
import { inBandError } from '../http/response-error.ts'
import { createPatience, defaultPatienceMs } from './patience.ts'
import { followStatusStream } from './status-stream.ts'

/** While a job is young it is asked for often, later seldom: p50 130 ms for short ones, fewer calls than every 500 ms. */
const pollSteps = [
  { untilMs: 4_000, everyMs: 260 },
  { untilMs: 20_000, everyMs: 1_250 },
  { untilMs: Infinity, everyMs: 4_000 },
] as const
/** How many cuts a status stream is joined again after, before the job is asked for by polling. */
const cutsBorne = 3
/** How often a failure has to be said that may be one of the question, not of the job. */
const timesSaid = 3
/** The longest a result's body may take, milliseconds: it gets twice as long each time it took too long. */
const longestBodyMs = 80_000

/** What a job ended with. */
export interface JobEnding {
  readonly answer: unknown
  /** What its status said went wrong, shaped as an in-band error. */
  readonly failure: unknown
}

/**
 * Follows a job to its end.
 *
 * @returns The job's answer as fal sent it, and what its status said went wrong.
 * @throws FalLlmError
 */
export async function followJob(job: Job, call: JobCall, joined: boolean): Promise<JobEnding> {
  const { deadline, queue } = call
  const patienceMs = parseDuration(queue.patienceMs, 'patienceMs', defaultPatienceMs)
  const startedAt = deadline.elapsed()
  const progress = createJobProgress(job, call)
  const { completed } = progress
  const patience = createPatience(job, deadline, patienceMs, call.submittedAt, completed)
  let streaming = queue.follow !== 'poll'
  let cuts = 0
  let bodyMs = longestAskMs

  /** Asks fal; undefined when nothing could be learned this time. */
  const ask = async (path: string): Promise<JobReply | undefined> => {
    try {
      return await askJob(job, path, call, path === '' ? bodyMs : longestAskMs)
    } catch (thrown) {
      if (deadline.signal.aborted) throw deadline.signal.reason
      const error = toFalLlmError(thrown)
      if (!error.retryable) throw error
      if (error.code === 'timeout') bodyMs = Math.min(longestBodyMs, bodyMs * 2)
      bear(error)
      return undefined
    }
  }
  /** Bears an error; a job that is known to have failed is not worth as much patience. */
  const bear = (error: FalLlmError): void => {
    const failure = progress.failure()
    if (failure && patience.failures() + 1 >= timesSaid) {
      throw inBandError(failure, job.endpoint.id, job.requestId)
    }
    patience.bear(error)
  }
  const bearRefusal = ({ error, isConclusive, hasReason }: JobRefusal): void => {
    if (isUnfinished(error)) return patience.reached()
    if (progress.failure() && hasReason) throw error
    if (error.code === 'not-found' && patience.mayTurnUp()) return patience.bear(error)
    if (!mayPass(error)) throw error
    const aboutJob = completed() && isConclusive
    if (aboutJob && patience.failures() + 1 >= timesSaid) throw error
    bear(error)
  }
  const poll = async (): Promise<void> => {
    const answer = await ask(`/status?logs=${queue.logs ? 1 : 0}`)
    if (answer?.refused) return bearRefusal(answer.refused)
    if (!answer) return
    if (progress.handle(answer.value, progress.openSource())) patience.reached()
    else patience.bear(unreadable())
  }
  const fetchResult = async (): Promise<JobReply | undefined> => {
    const answer = await ask('')
    if (!answer?.refused) return answer
    bearRefusal(answer.refused)
    return undefined
  }
  const stream = async (): Promise<void> => {
    const ending = await followStatusStream(job, call, progress, patience.reached)
    if (!ending) return
    if (ending.how === 'cut') cuts += 1
    const insists = queue.follow === 'stream'
    if (ending.how === 'refused' && insists) bear(ending.error)
    streaming = cuts <= cutsBorne && (insists || ending.how !== 'refused')
    if (!insists) await poll()
  }

  // Lines written before we came are only in a poll.
  if (joined && queue.logs) await poll()
  for (;;) {
    if (!completed()) await (streaming ? stream() : poll())
    if (completed()) {
      const result = await fetchResult()
      if (result) return { answer: result.value, failure: progress.failure() }
    }
    const joinsAgain = streaming && !completed() && patience.pauseMs() === 0
    if (!joinsAgain) {
      await deadline.sleep(patience.pauseMs() || pauseMs(deadline.elapsed() - startedAt))
    }
  }
}

/** The result was asked for too early. */
function isUnfinished({ status, message }: FalLlmError): boolean {
  return status === 400 && /in progress/i.test(message)
}

/** Answers of something between fal and us, and of a fal that is not well. A redirect leads to somebody's login page. */
function mayPass({ status = 0 }: FalLlmError): boolean {
  return status < 400 || status >= 500 || status === 408 || status === 425 || status === 429
}

function unreadable(): FalLlmError {
  return new FalLlmError('provider', 'fal sent something that is no status of a job', {
    retryable: true,
  })
}

function pauseMs(ageMs: number): number {
  return (pollSteps.find(({ untilMs }) => ageMs < untilMs) ?? pollSteps[2]).everyMs
}
