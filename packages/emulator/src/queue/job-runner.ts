import type { Clock } from '../clock.ts'
import type { JobQueue } from './job-queue.ts'
import { notifyWatchers, toFailedOutcome } from './job.ts'
import type { Job, JobOutcome } from './job.ts'

/** Runs the jobs of a queue, a few at a time. */
export interface JobRunner {
  /** How many jobs run. */
  readonly running: number
  /** Starts the jobs that are next, as many as may run. */
  startNext(): void
  /** Ends the work on every job that runs. */
  close(): void
}

/** What a runner needs. */
export interface JobRunnerOptions {
  readonly clock: Clock
  /** How many jobs run at once. */
  readonly concurrency: number
  /** Does the work. A rejection is a failure of the platform. */
  readonly execute: (job: Job) => Promise<JobOutcome>
}

/**
 * Creates a runner that runs nothing yet.
 *
 * @param onStart Called after each start: the jobs behind have moved up.
 * @param onEnd Called with the outcome of each job before the next one starts.
 */
export function createJobRunner(
  { clock, concurrency, execute }: JobRunnerOptions,
  queue: JobQueue,
  onStart: () => void,
  onEnd: (job: Job, outcome: JobOutcome) => void,
): JobRunner {
  const running = new Set<Job>()
  const run = async (job: Job): Promise<void> => {
    job.stopWaiting()
    running.add(job)
    job.status = 'IN_PROGRESS'
    job.startedAt = clock.now()
    notifyWatchers(job)
    const outcome = await execute(job).catch(() => internalError)
    running.delete(job)
    onEnd(job, outcome)
    startNext()
  }
  const startNext = (): void => {
    while (running.size < concurrency) {
      const job = queue.shift()
      if (!job) return
      void run(job)
      onStart()
    }
  }
  return {
    get running() {
      return running.size
    },
    startNext,
    close() {
      for (const job of running) job.abort.abort()
    },
  }
}

const internalError = toFailedOutcome(500, 'internal_error', 'Internal Server Error')
