import type { Endpoint } from '../endpoints/endpoint.ts'
import { FalLlmError } from '../errors.ts'

/** A queued job: which endpoint it was submitted to, and fal's id of it. */
export interface Job {
  readonly endpoint: Endpoint
  readonly requestId: string
}

const namespaces: ReadonlySet<string> = new Set(['workflows', 'comfy'])

/** The address of a job on fal's queue: owner and app only, the rest of the endpoint's path is dropped (fal-protocol §4.1). */
export function jobUrl({ endpoint, requestId }: Job, path: string = ''): string {
  const parts = endpoint.id.split('/')
  const app = parts.slice(0, namespaces.has(parts[0] ?? '') ? 3 : 2).join('/')
  return `https://queue.fal.run/${app}/requests/${requestId}${path}`
}

/**
 * Returns the id if it can stand in a URL without changing where the request goes.
 *
 * @throws FalLlmError `invalid-input`
 */
export function assertRequestId(requestId: unknown, endpoint: string): string {
  const safe = typeof requestId === 'string' && /^[\w-][\w.-]{0,199}$/.test(requestId)
  if (safe) return requestId
  throw new FalLlmError(
    'invalid-input',
    'That is no request id: one has letters, digits, "-", "_" and "." only',
    { endpoint },
  )
}
