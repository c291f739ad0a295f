import type { Endpoint } from '../../endpoints/endpoint.ts'
import { FalLlmError } from '../../errors.ts'
import type { Emit } from '../../events.ts'
import type { Deadline } from '../../deadline.ts'
import type { Http } from '../http/http.ts'
import type { QueueOptions } from '../queue-options.ts'

/** A queued job: which endpoint it was submitted to, and fal's id of it. */
export interface Job {
  readonly endpoint: Endpoint
  readonly requestId: string
}

/** What it takes to attend a job. */
export interface JobCall {
  readonly endpoint: Endpoint
  readonly queue: QueueOptions
  readonly http: Http
  readonly deadline: Deadline
  readonly emit: Emit
  /** The clock's reading when this client submitted the job; undefined for one submitted elsewhere. */
  readonly submittedAt: number | undefined
}

const namespaces: ReadonlySet<string> = new Set(['workflows', 'comfy'])

/** The address of a job on fal's queue: owner and app only, the rest of the endpoint's path is dropped (fal-protocol §4.1). */
export function jobUrl({ endpoint, requestId }: Job, path: string = ''): string {
  const parts = endpoint.id.split('/')
  const app = parts.slice(0, namespaces.has(parts[0] ?? '') ? 3 : 2).join('/')
  return `https://queue.fal.run/${app}/requests/${requestId}${path}`
}

/** Whether something can stand in a URL as a request's id without changing where the request goes. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-][\w.-]{0,199}$/.test(value)
}

/**
 * Returns the id if it can stand in a URL without changing where the request goes.
 *
 * @throws FalLlmError `invalid-input`
 */
export function assertRequestId(requestId: unknown, endpoint: string): string {
  if (isRequestId(requestId)) return requestId
  throw new FalLlmError('invalid-input', `requestId ${explainNoId(requestId)}`, { endpoint })
}

/** Says what is wrong with an id, without repeating it: it may be anything that was pasted. */
function explainNoId(given: unknown): string {
  const origin = 'Give the requestId that submit() resolved with, or that a queue-update named'
  if (typeof given !== 'string') return `is ${given === null ? 'null' : typeof given}. ${origin}`
  const [wrong] = /[^\w.-]/.exec(given) ?? []
  if (wrong !== undefined) return `cannot hold ${JSON.stringify(wrong)}. ${origin}`
  const what = given === '' ? 'is empty' : 'must begin with a letter or digit and have at most 200'
  return `${what}. ${origin}`
}
