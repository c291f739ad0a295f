// The queue without HTTP: which jobs wait, which run, and which are kept.

import { createJobQueue } from './job-queue.ts'
import { createJobRunner } from './job-runner.ts'
import type { JobRunnerOptions } from './job-runner.ts'
import { createJob, notifyWatchers, toFailedOutcome } from './job.ts'
import type { Job, JobDraft, JobOutcome } from './job.ts'
import { createKeptJobs } from './kept-jobs.ts'
import { createTimers } from './timers.ts'

/** The result of cancelling a job. */
export type CancelResult = 'removed' | 'requested' | 'already-completed'

/** How many jobs there are. */
export interface QueueFigures {
  readonly waiting: number
  readonly running: number
  /** Completed and not forgotten. */
  readonly kept: number
}

/** The jobs of an emulator. */
export interface Jobs extends QueueFigures {
  /** The length of the inputs of all waiting jobs together, characters. */
  readonly waitingCharacters: number
  /** Adds a job behind those of its priority. It starts when fewer than `concurrency` jobs run. */
  submit(draft: JobDraft): Job
  find(id: string): Job | undefined
  /** How many jobs start before this one; 0 once it has started. */
  position(job: Job): number
  cancel(job: Job): CancelResult
  /** Writes a line in a job's log. */
  log(job: Job, message: string, level?: 'INFO' | 'WARN'): void
  /** Calls back whenever positions change. Returns the function that ends this. */
  onMove(listener: () => void): () => void
  /** Ends all waiting and all work. */
  close(): void
}

/** What jobs need. */
export interface JobsOptions extends JobRunnerOptions {
  readonly queueDelayMs: number
  readonly maxKeptJobs: number
  readonly onCompleted: (job: Job) => void
  /** Called after every change. */
  readonly changed: () => void
}

/** The longest log of a job; further lines are dropped. */
const maxLogLines = 1000

/** Creates an empty queue. */
export function createJobs(options: JobsOptions): Jobs {
  const { clock, queueDelayMs } = options
  const jobs = new Map<string, Job>()
  const queue = createJobQueue()
  const kept = createKeptJobs({
    clock,
    maxJobs: options.maxKeptJobs,
    onForget: (job) => jobs.delete(job.id),
  })
  const listeners = new Set<() => void>()
  const timers = createTimers(clock)

  const moved = (): void => {
    for (const listener of listeners) listener()
    options.changed()
  }
  const complete = (job: Job, outcome: JobOutcome): void => {
    job.status = 'COMPLETED'
    job.outcome = outcome
    job.completedAt = clock.now()
    // The input is not needed any more, and may be large.
    job.posted = { ...job.posted, body: '' }
    kept.add(job)
    notifyWatchers(job)
    options.onCompleted(job)
    options.changed()
  }
  const runner = createJobRunner(options, queue, moved, complete)
  const endWaiting = (job: Job, outcome: JobOutcome): void => {
    if (!queue.remove(job)) return
    job.stopWaiting()
    complete(job, outcome)
    moved()
  }

  return {
    get waiting() {
      return queue.length
    },
    get waitingCharacters() {
      return queue.characters
    },
    get running() {
      return runner.running
    },
    get kept() {
      kept.forgetOld()
      return kept.size
    },
    submit(draft) {
      kept.forgetOld()
      const job = createJob(draft)
      const { startTimeoutMs } = job
      jobs.set(job.id, job)
      queue.push(job)
      if (startTimeoutMs !== undefined) {
        job.stopWaiting = timers.set(() => endWaiting(job, startTimeout), startTimeoutMs)
      }
      if (queueDelayMs > 0) timers.set(runner.startNext, queueDelayMs)
      // The answer to the submit is written first: it says IN_QUEUE.
      else queueMicrotask(runner.startNext)
      return job
    },
    find(id) {
      kept.forgetOld()
      return jobs.get(id)
    },
    position: queue.position,
    cancel(job) {
      if (job.status === 'COMPLETED') return 'already-completed'
      if (job.status === 'IN_QUEUE') {
        endWaiting(job, cancelled)
        return 'removed'
      }
      job.abort.abort()
      return 'requested'
    },
    log(job, message, level = 'INFO') {
      if (job.logs.length >= maxLogLines) return
      const timestamp = new Date(clock.now()).toISOString()
      job.logs.push({ message, level, source: 'USER', timestamp })
      notifyWatchers(job)
    },
    onMove(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      timers.clear()
      queue.clear()
      runner.close()
    },
  }
}

/** The outcome of a cancelled job. */
export const cancelled: JobOutcome = toFailedOutcome(
  499,
  'client_cancelled',
  'Request was cancelled by the client',
)

const startTimeout = toFailedOutcome(504, 'request_timeout', 'Request timed out', {
  'x-fal-request-timeout-type': 'user',
})
