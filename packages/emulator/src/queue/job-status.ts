import { toFollowableUrl } from '../http/address.ts'
import type { FalAddress } from '../http/address.ts'
import { toAppId } from '../http/find-endpoint.ts'
import type { Job, JobLog } from './job.ts'

/** The URLs that follow a job. They name only the owner and the app of the path that it was submitted to. */
export interface FollowUpUrls {
  readonly response_url: string
  readonly status_url: string
  readonly cancel_url: string
}

/** Writes the URLs under which a caller can follow a job. */
export function toFollowUpUrls(job: Job, address: FalAddress): FollowUpUrls {
  const path = `/${toAppId(job.posted.path)}/requests/${job.id}`
  const write = (end: string): string => toFollowableUrl(address, 'queue.fal.run', `${path}${end}`)
  return {
    response_url: write(''),
    status_url: write('/status'),
    cancel_url: write('/cancel'),
  }
}

/**
 * Writes the status of a job as fal does.
 *
 * @param logs undefined where the caller did not want any.
 */
export function toStatus(
  job: Job,
  position: number,
  logs: readonly JobLog[] | undefined,
  urls: FollowUpUrls,
): object {
  const common = { status: job.status, request_id: job.id, ...urls }
  if (job.status === 'IN_QUEUE') return { ...common, queue_position: position }
  const withLogs = { ...common, logs: logs ?? null }
  if (job.status === 'IN_PROGRESS') return withLogs
  const { failure } = job.outcome ?? {}
  return {
    ...withLogs,
    metrics: toMetrics(job),
    ...(failure && { error: failure.error, error_type: failure.errorType }),
  }
}

/** A job that never ran has no metrics. */
function toMetrics({ startedAt, completedAt }: Job): object {
  if (startedAt === undefined || completedAt === undefined) return {}
  return { inference_time: (completedAt - startedAt) / 1000 }
}

/** Whether a query asks for log lines: clients say 1, true, 0, false or nothing. */
export function wantsLogs(query: URLSearchParams): boolean {
  return ['1', 'true'].includes(query.get('logs')?.toLowerCase() ?? '')
}
