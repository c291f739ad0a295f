import type { Posted } from '../answers/answer.ts'

/** A line that a running job writes. */
export interface JobLog {
  readonly message: string
  readonly level: 'INFO' | 'WARN'
  readonly source: 'USER'
  /** ISO 8601. */
  readonly timestamp: string
}

/** The outcome of a job: an answer as fal.run would have given it. */
export interface JobOutcome {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Present when the platform failed, not the model. */
  readonly failure?: { readonly error: string; readonly errorType: string }
}

/** A job as it is submitted. */
export interface JobDraft {
  readonly id: string
  readonly posted: Posted
  readonly priority: 'normal' | 'low'
  readonly webhookUrl: string | undefined
  /** The longest wait for a start, milliseconds. */
  readonly startTimeoutMs: number | undefined
  /** The outcome when it runs, whatever its input; set by a fault. */
  readonly plannedOutcome: JobOutcome | undefined
}

/** One request in the queue. */
export interface Job extends Omit<JobDraft, 'posted'> {
  posted: Posted
  readonly logs: JobLog[]
  status: 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED'
  startedAt: number | undefined
  completedAt: number | undefined
  outcome: JobOutcome | undefined
  /** Ends the work. */
  readonly abort: AbortController
  /** Called after every change. */
  readonly watchers: Set<() => void>
  /** Ends the wait for a start. */
  stopWaiting: () => void
}

/** Creates a job that waits. */
export function createJob(draft: JobDraft): Job {
  return {
    ...draft,
    logs: [],
    status: 'IN_QUEUE',
    startedAt: undefined,
    completedAt: undefined,
    outcome: undefined,
    abort: new AbortController(),
    watchers: new Set(),
    stopWaiting: () => {},
  }
}

/** Calls everyone who follows a job, after each change. */
export function notifyWatchers(job: Job): void {
  for (const watcher of job.watchers) watcher()
}

/** Writes the outcome of a platform failure. */
export function toFailedOutcome(
  status: number,
  errorType: string,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): JobOutcome {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-fal-error-type': errorType, ...headers },
    body: JSON.stringify({ detail: error, error_type: errorType }),
    failure: { error, errorType },
  }
}
