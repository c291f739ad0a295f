// What is known of a job while it is followed. Status only goes forward: what is late, repeated, unknown or garbled is
// passed over. A job that failed is COMPLETED like any other and may carry `error` (fal-protocol §4.3).

import type { GenerationEvent } from '../../events.ts'
import type { JobCall, Job } from './job.ts'
import { createLogDedupe } from './dedupe-logs.ts'
import type { DedupeLogs } from './dedupe-logs.ts'
import { fieldsOf } from '../../json.ts'
import type { Fields } from '../../json.ts'

type QueueStatus = Extract<GenerationEvent, { type: 'queue-update' }>['status']

const ranks: Readonly<Record<string, number>> = { IN_QUEUE: 0, IN_PROGRESS: 1, COMPLETED: 2 }

/** Follows what fal says about one job. */
export interface JobProgress {
  /** Begins a poll or a stream: each counts its log lines on its own. */
  readonly openSource: () => DedupeLogs
  /** Takes a status object; `take` is of the source that said it. Returns whether it was one. */
  handle(status: unknown, take: DedupeLogs): boolean
  completed(): boolean
  /** What its status said went wrong, shaped as an in-band error; undefined when nothing did. */
  failure(): unknown
}

/** Starts without knowing anything of the job. */
export function createJobProgress(job: Job, call: Pick<JobCall, 'emit' | 'queue'>): JobProgress {
  let rank = -1
  let position: number | undefined
  let failure: unknown

  return {
    openSource: createLogDedupe(),
    handle(status, take) {
      const fields = fieldsOf(status)
      const name = String(fields['status'])
      const nextRank = Object.hasOwn(ranks, name) ? (ranks[name] ?? -1) : -1
      if (nextRank < 0) return false
      if (nextRank < rank) return true
      if (nextRank === 2) failure ??= failureIn(fields)
      const logs = take(fields['logs'])
      const place = fields['queue_position']
      const nextPosition = typeof place === 'number' && nextRank === 0 ? place : undefined
      if (nextRank === rank && nextPosition === position && logs.length === 0) return true
      rank = nextRank
      position = nextPosition
      call.emit({
        type: 'queue-update',
        requestId: job.requestId,
        // A name with a rank is one of the three.
        status: name as QueueStatus,
        ...(position !== undefined && { position }),
        logs: call.queue.logs ? logs : [],
      })
      return true
    },
    completed: () => rank === 2,
    failure: () => failure,
  }
}

/** fal's `error` is a text, and its type stands beside it. */
function failureIn({ error, error_type: type }: Fields): unknown {
  if (!error) return undefined
  return typeof error === 'string' ? { message: error, type } : error
}
