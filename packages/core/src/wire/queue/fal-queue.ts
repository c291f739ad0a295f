// Queued calls: submit, follow, result, cancel (fal-protocol §4, seeds 000–003). A job that failed is COMPLETED like any
// other: what became of it is said by its result.

import type { Endpoint } from '../../endpoints/endpoint.ts'
import { FalLlmError, toFalLlmError } from '../../errors.ts'
import { parseDuration } from '../../duration.ts'
import { followJob } from './follow-job.ts'
import type { Http } from '../http/http.ts'
import { assertRequestId, isRequestId, jobUrl } from './job.ts'
import type { Job, JobCall } from './job.ts'
import { readAnswer } from '../answers/read-answer.ts'
import type { TransportCall } from '../call.ts'
import { createDeadline } from '../../deadline.ts'
import type { Deadline } from '../../deadline.ts'
import { fieldsOf } from '../../json.ts'

/** Submits, follows and fetches one answer. A stop cancels the job, once; a detach leaves it. */
export async function falQueue(call: TransportCall): Promise<void> {
  const { endpoint, model, emit, deadline } = call
  const requestId = await submitJob(call)
  const submittedAt = deadline.elapsed()
  emit({ type: 'start', requestId, endpoint: endpoint.id, model, mode: 'queue' })
  await awaitJob({ endpoint, requestId }, { ...call, submittedAt }, false)
}

/**
 * Hands a job to the queue: at most one is accepted.
 * A stop while the answer is on its way settles at once; the job is cancelled as soon as its id is known.
 *
 * @throws FalLlmError
 */
export async function submitJob(call: Omit<TransportCall, 'emit' | 'model'>): Promise<string> {
  const { queue, deadline } = call
  if (deadline.signal.aborted) throw deadline.signal.reason
  assertStartTimeout(queue.startTimeoutSeconds)
  // Refused now: once the job is submitted, nobody wants to hear that it cannot be followed.
  parseDuration(queue.patienceMs, 'patienceMs', 0)
  const hardStop = new AbortController()
  let posted = false
  const submitting = post(call, hardStop.signal, () => (posted = true))
  try {
    return await deadline.race(submitting)
  } catch (thrown) {
    const error = toFalLlmError(thrown)
    if (!deadline.signal.aborted) throw error
    const giveUp = deadline.clock.setTimer(() => hardStop.abort(error), lateSubmitMs)
    cancelWhenKnown(submitting.finally(giveUp), call).catch(() => {})
    throw error.with({ maybeSubmitted: posted })
  }
}

/** A job whose submit was stopped has an id all the same. */
async function cancelWhenKnown(
  submitting: Promise<string>,
  { endpoint, http, deadline }: Omit<TransportCall, 'emit' | 'model'>,
): Promise<void> {
  const requestId = await submitting
  if (deadline.detached()) return
  await cancelJob({ endpoint, requestId }, http, createDeadline(deadline.clock, deadline.limits))
}

/** Posts the job; `signal` ends even a request whose answer may hold the job's id. */
async function post(
  { endpoint, input, queue, loadClient, deadline }: Omit<TransportCall, 'emit' | 'model'>,
  signal: AbortSignal,
  onPost: () => void,
): Promise<string> {
  const client = await loadClient({ signal, noMoreTries: deadline.signal })
  if (deadline.signal.aborted) throw deadline.signal.reason
  onPost()
  const status = await client.queue
    .submit(endpoint.id, {
      input: { ...input },
      priority: queue.priority ?? 'normal',
      ...(queue.webhookUrl !== undefined && { webhookUrl: queue.webhookUrl }),
      ...(queue.startTimeoutSeconds !== undefined && { startTimeout: queue.startTimeoutSeconds }),
    })
    .catch((thrown: unknown) => {
      // What is no error of ours comes from the client's reading of a good answer.
      throw thrown instanceof FalLlmError ? thrown : unreadable(endpoint, thrown)
    })
  return readRequestId(status, endpoint)
}

function readRequestId(answer: unknown, endpoint: Endpoint): string {
  const { request_id: id, detail } = fieldsOf(answer)
  if (isRequestId(id)) return id
  throw unreadable(endpoint, undefined, typeof detail === 'string' ? `: ${detail}` : '')
}

function unreadable(endpoint: Endpoint, cause: unknown, said: string = ''): FalLlmError {
  return new FalLlmError(
    'provider',
    `fal may have taken the job, but its answer names no request id${said}`,
    { endpoint: endpoint.id, cause, maybeSubmitted: true },
  )
}

function assertStartTimeout(seconds: number | undefined): void {
  if (seconds === undefined || (Number.isFinite(seconds) && seconds > 1)) return
  const message = 'must be a number of seconds, more than 1'
  throw new FalLlmError('invalid-input', `startTimeoutSeconds: ${message}`, {
    issues: [{ path: 'startTimeoutSeconds', message, type: 'value_error' }],
  })
}

/** How long a stopped submit may still say which job it made, milliseconds. */
const lateSubmitMs = 2_000

/** Follows a job to its end and says its answer. `joined`: it was submitted elsewhere, so there may be earlier log lines. */
export async function awaitJob(job: Job, call: JobCall, joined: boolean): Promise<void> {
  const { deadline, emit, http } = call
  const { requestId } = job
  try {
    const { answer, failure } = await followJob(job, call, joined)
    readAnswer(answer, { ...job, emit, failure })
  } catch (thrown) {
    const stopped = deadline.signal.aborted && !deadline.detached()
    if (stopped)
      cancelJob(job, http, createDeadline(deadline.clock, deadline.limits)).catch(() => {})
    // An answer about a job may bear an id of its own; what is wanted is the one to find the job by.
    throw toFalLlmError(thrown).with({ requestId })
  }
}

/**
 * Asks fal to cancel a job, once. Closes the deadline.
 *
 * @throws FalLlmError when fal could not be asked.
 */
export async function cancelJob(
  job: Job,
  http: Http,
  deadline: Deadline,
): Promise<'cancelled' | 'already-completed' | 'not-found'> {
  const { endpoint, requestId } = job
  assertRequestId(requestId, endpoint.id)
  try {
    const response = await http.send(
      {
        url: jobUrl(job, '/cancel'),
        method: 'PUT',
        headers: { accept: 'application/json' },
        endpoint: endpoint.id,
      },
      deadline,
    )
    void response.body?.cancel().catch(() => {})
    return 'cancelled'
  } catch (thrown) {
    const error = toFalLlmError(thrown)
    if (error.status === 400) return 'already-completed'
    if (error.status === 404) return 'not-found'
    throw error
  } finally {
    deadline.close()
  }
}
