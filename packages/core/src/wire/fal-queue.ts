// Queued calls: submit, follow, result, cancel (fal-protocol §4, seeds 000–003). A job that failed is COMPLETED like any
// other: what became of it is said by its result.

import type { Endpoint } from '../endpoints/endpoint.ts'
import { toFalLlmError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { FalClientLoader } from './fal-client.ts'
import { followJob } from './follow-job.ts'
import type { Http } from './http.ts'
import { assertRequestId } from './job.ts'
import type { Job } from './job.ts'
import { readAnswer } from './read-answer.ts'
import type { TransportCall } from './transport.ts'
import type { Watch } from './watch.ts'

/** How a job is submitted and followed. */
export interface QueueOptions {
  /** Where fal reports the end; it must be reachable from fal. */
  readonly webhookUrl?: string | undefined
  /** Carries log lines in `queue-update`s. Default false. */
  readonly logs?: boolean | undefined
  /** Default 'auto': the status stream, polling where that fails. */
  readonly follow?: 'auto' | 'stream' | 'poll' | undefined
  /** `x-fal-queue-priority`. Default 'normal'. */
  readonly priority?: 'normal' | 'low' | undefined
  /** `x-fal-request-timeout`: seconds within which fal must begin, more than 1. */
  readonly startTimeoutSeconds?: number | undefined
}

/** What it takes to attend a job. */
export interface JobCall {
  readonly endpoint: Endpoint
  readonly queue: QueueOptions
  readonly http: Http
  readonly loadClient: FalClientLoader
  readonly watch: Watch
  readonly emit: Emit
}

/** Submits, follows and fetches one answer. A stop cancels the job, once; a detach leaves it. */
export async function falQueue(call: TransportCall): Promise<void> {
  const { endpoint, model, emit } = call
  const requestId = await submitJob(call)
  emit({ type: 'start', requestId, endpoint: endpoint.id, model, mode: 'queue' })
  await attendJob({ endpoint, requestId }, call, false)
}

/**
 * Hands a job to the queue: at most one is accepted.
 * A stop while the answer is on its way settles at once; the job is cancelled as soon as its id is known.
 *
 * @throws FalLlmError
 */
export async function submitJob(call: Omit<TransportCall, 'emit' | 'model'>): Promise<string> {
  const { endpoint, input, queue, loadClient, watch } = call
  if (watch.signal.aborted) throw watch.signal.reason
  const hardStop = new AbortController()
  const submitting = loadClient({
    signal: hardStop.signal,
    noMoreTries: watch.signal,
  }).then(async (client) => {
    if (watch.signal.aborted) throw watch.signal.reason
    const status = await client.queue.submit(endpoint.id, {
      input: { ...input },
      priority: queue.priority ?? 'normal',
      ...(queue.webhookUrl !== undefined && { webhookUrl: queue.webhookUrl }),
      ...(queue.startTimeoutSeconds !== undefined && { startTimeout: queue.startTimeoutSeconds }),
    })
    return assertRequestId(status.request_id, endpoint.id)
  })
  try {
    return await watch.race(submitting)
  } catch (thrown) {
    const error = toFalLlmError(thrown)
    if (!watch.signal.aborted) throw error
    const giveUp = watch.clock.setTimer(() => hardStop.abort(error), lateSubmitMs)
    submitting
      .then((requestId) =>
        watch.detached() ? undefined : cancelJob({ endpoint, requestId }, loadClient),
      )
      .catch(() => {})
      .finally(giveUp)
    throw error.with({ maybeSubmitted: true })
  }
}

/** How long a stopped submit may still say which job it made, milliseconds. */
const lateSubmitMs = 2_000

/** Follows a job to its end and says its answer. `joined`: it was submitted elsewhere, so there may be earlier log lines. */
export async function attendJob(job: Job, call: JobCall, joined: boolean): Promise<void> {
  const { watch, emit, loadClient } = call
  try {
    const { answer, failure } = await followJob(job, call, joined)
    readAnswer(answer, { ...job, emit, failure })
  } catch (error) {
    const stopped = watch.signal.aborted && !watch.detached()
    if (stopped) cancelJob(job, loadClient).catch(() => {})
    throw error
  }
}

/**
 * Asks fal to cancel a job, once.
 *
 * @throws FalLlmError when fal could not be asked.
 */
export async function cancelJob(
  { endpoint, requestId }: Job,
  loadClient: FalClientLoader,
): Promise<'cancelled' | 'already-completed' | 'not-found'> {
  assertRequestId(requestId, endpoint.id)
  const client = await loadClient()
  try {
    await client.queue.cancel(endpoint.id, { requestId })
    return 'cancelled'
  } catch (thrown) {
    const error = toFalLlmError(thrown)
    if (error.status === 400) return 'already-completed'
    if (error.status === 404) return 'not-found'
    throw error
  }
}
