import type { Fault } from '../faults/fault.ts'
import type { EmulatorContext } from '../http/exchange.ts'
import { platformRefusal } from '../http/refusal.ts'
import { writeJson } from '../http/write-json.ts'
import type { ResolvedOptions } from '../options.ts'
import { toFollowUpUrls } from './job-status.ts'
import { createJob, toFailedOutcome } from './job.ts'
import type { Job, JobDraft, JobOutcome } from './job.ts'
import type { Jobs } from './jobs.ts'

const maxWaitingCharacters = 256 * 1024 * 1024

/**
 * Puts a posted body into the queue. It is not validated: a wrong input fails when the job runs.
 *
 * @throws 429 when more jobs wait than the caller or the emulator allows.
 */
export function submit(
  { env: exchange, req }: EmulatorContext,
  { maxQueuedJobs }: ResolvedOptions,
  jobs: Jobs,
): Response {
  const { address } = exchange
  const callersLimit = toCount(address.query.get('fal_max_queue_length'))
  if (callersLimit !== undefined && jobs.waiting > callersLimit) {
    throw tooMany(`More than ${callersLimit} requests are waiting`)
  }
  if (jobs.waiting >= maxQueuedJobs) {
    throw tooMany(`The emulator's queue is full: ${maxQueuedJobs} requests are waiting`)
  }
  if (jobs.waitingCharacters + exchange.body.length > maxWaitingCharacters) {
    throw tooMany(
      `The emulator's queue is full: the inputs that wait hold ${maxWaitingCharacters} characters`,
    )
  }
  exchange.accept()
  const webhookUrl = address.query.get('fal_webhook') ?? undefined
  const timeoutSeconds = Number(req.header('x-fal-request-timeout'))
  const faults = exchange.faults?.faults ?? []
  const draft: JobDraft = {
    id: exchange.requestId,
    posted: {
      path: address.path.slice(1),
      body: exchange.body,
      contentType: req.header('content-type'),
    },
    priority: req.header('x-fal-queue-priority')?.toLowerCase() === 'low' ? 'low' : 'normal',
    webhookUrl,
    startTimeoutMs: timeoutSeconds > 0 ? timeoutSeconds * 1000 : undefined,
    plannedOutcome: planOutcome(faults),
  }
  const isLost = faults.some(({ type }) => type === 'lose-job')
  const job: Job = isLost ? createJob(draft) : jobs.submit(draft)
  return new Response(
    writeJson({
      status: 'IN_QUEUE',
      request_id: job.id,
      ...toFollowUpUrls(job, address),
      logs: null,
      metrics: {},
      queue_position: jobs.position(job),
      ...(webhookUrl !== undefined && { gateway_request_id: job.id }),
    }),
    { headers: { 'content-type': 'application/json' } },
  )
}

function planOutcome(faults: readonly Fault[]): JobOutcome | undefined {
  const fault = faults.find((candidate) => candidate.type === 'fail-job')
  if (!fault) return undefined
  const { status = 503, errorType = 'runner_disconnected', detail = 'Runner disconnected' } = fault
  return toFailedOutcome(status, errorType, detail)
}

function tooMany(detail: string): Error {
  return platformRefusal(429, 'concurrent_requests_limit', detail, { 'x-fal-needs-retry': '1' })
}

function toCount(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
