// What a refused call says, for the three families of bodies fal sends (fal-protocol §6 and §9.4):
// {"detail":[{loc,msg,type}]} from models, {"detail":"…","error_type":"…"} from the platform and
// {"error":{code,message}} from the OpenAI-compatible routes. `input` echoes the prompt and is never read.

import { FalLlmError } from '../../errors.ts'
import type { FalLlmErrorCode, InputIssue } from '../../errors.ts'
import { explainRefusal } from './explain-failure.ts'
import type { Refusal } from './explain-failure.ts'
import { fieldsOf, isFields } from '../../json.ts'
import { parseJson } from '../../parse-json.ts'

/** A refused call as it came over the wire. */
export interface RefusedCall extends Refusal {
  readonly endpoint: string
}

const codeByStatus: Readonly<Record<number, FalLlmErrorCode>> = {
  400: 'invalid-input',
  401: 'auth',
  402: 'forbidden',
  403: 'forbidden',
  404: 'not-found',
  405: 'unsupported',
  408: 'timeout',
  413: 'invalid-input',
  415: 'invalid-input',
  422: 'invalid-input',
  429: 'rate-limited',
  499: 'cancelled',
  502: 'provider',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
}

const codeByType: Readonly<Record<string, FalLlmErrorCode>> = {
  content_policy_violation: 'content-policy',
  content_filter: 'content-policy',
  context_length_exceeded: 'context-overflow',
  generation_timeout: 'timeout',
  request_timeout: 'timeout',
  startup_timeout: 'timeout',
  concurrent_requests_limit: 'rate-limited',
  rate_limit_exceeded: 'rate-limited',
  client_cancelled: 'cancelled',
  client_disconnected: 'cancelled',
}

const retryableCodes: ReadonlySet<FalLlmErrorCode> = new Set<FalLlmErrorCode>([
  'rate-limited',
  'overloaded',
  'timeout',
  'provider',
  'interrupted',
  'network',
])

/** Builds the error of a refused call from fal's own words. Never throws, whatever the body is. */
export function responseError(call: RefusedCall): FalLlmError {
  const body = readBody(call.body)
  const status = call.status
  const type = call.headers.get('x-fal-error-type') ?? body.type
  const code = codeOf(status, type, body.message)
  const userTimeout = call.headers.get('x-fal-request-timeout-type') === 'user'
  return new FalLlmError(code, explainRefusal(call, body.message) ?? body.message ?? '', {
    status,
    endpoint: call.endpoint,
    requestId: call.headers.get('x-fal-request-id') || undefined,
    retryable: isRetryable(call.headers) ?? (retryableCodes.has(code) && !userTimeout),
    retryAfterMs: readRetryAfter(call.headers),
    issues: body.issues,
  })
}

/** What a refused answer holds. */
export type RefusedBody = Pick<RefusedCall, 'headers' | 'body'>

/** Whether a refused call comes with a reason of fal's or the model's own. A gateway in between has none, or a page. */
export function hasReason({ headers, body }: RefusedBody): boolean {
  const { message, type } = readBody(body)
  return headers.has('x-fal-error-type') || type !== undefined || message !== undefined
}

/** Whether a refused call names what went wrong by one of fal's types, or says that it will not change. */
export function isConclusive({ headers, body }: RefusedBody): boolean {
  const { type, issues } = readBody(body)
  const named = headers.has('x-fal-error-type') || type !== undefined || issues.length > 0
  return named || isRetryable(headers) === false
}

/** The error of an answer that carries `error` although its HTTP status is 200. Never throws. */
export function inBandError(error: unknown, endpoint: string, requestId?: string): FalLlmError {
  const body = readError(error)
  const status = body.status
  const code = codeOf(status ?? 0, body.type, body.message)
  return new FalLlmError(code, body.message ?? 'The model failed without saying why', {
    status,
    endpoint,
    requestId,
    retryable: retryableCodes.has(code),
  })
}

/** How long an answer asks to wait, milliseconds; undefined when it does not say. */
export function readRetryAfter(headers: Headers): number | undefined {
  return retryAfterMs(headers.get('retry-after'), answeredAt(headers.get('date')))
}

/**
 * Reads Retry-After: seconds or an HTTP date. Milliseconds; undefined when absent or unreadable.
 *
 * @param now When the answer was given by the clock that wrote the date, milliseconds since the epoch.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** The server's own clock says how long its date is away; ours may be wrong. A page may be kept from reading it. */
function answeredAt(date: string | null): number {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? Date.now() : time
}

interface ErrorBody {
  readonly message?: string
  readonly type?: string
  readonly status?: number
  readonly issues: readonly InputIssue[]
}

function codeOf(status: number, type: string | undefined, message = ''): FalLlmErrorCode {
  const known = type === undefined ? undefined : codeByType[type]
  if (known) return known
  if (isContextOverflow(message)) return 'context-overflow'
  const byStatus = codeByStatus[status]
  if (byStatus) return byStatus
  // A redirect, and a page where an answer was due, are no answers of a model.
  if (status >= 500 || status < 400) return 'provider'
  return 'unknown'
}

// No type names it on fal or OpenRouter: providers say it in their own words.
function isContextOverflow(message: string): boolean {
  return /context (length|window)|maximum context|too many tokens|prompt is too long/i.test(message)
}

function isRetryable(headers: Headers): boolean | undefined {
  const value = headers.get('x-fal-needs-retry') ?? headers.get('x-fal-retryable')
  if (value === null) return undefined
  return value === '1' || value.toLowerCase() === 'true'
}

function readBody(text: string): ErrorBody {
  const body = parseJson(text)
  if (!isFields(body)) return { issues: [] }
  const type = stringOf(body['error_type']) ?? stringOf(body['type'])
  if (body['error'] !== undefined && body['error'] !== null && body['detail'] === undefined) {
    return readError(body['error'])
  }
  const detail = body['detail']
  if (Array.isArray(detail)) return readIssues(detail)
  const message = stringOf(detail) ?? stringOf(body['message'])
  return { ...(message && { message }), ...(type && { type }), issues: [] }
}

function readError(error: unknown): ErrorBody {
  if (typeof error === 'string') return { message: error, issues: [] }
  if (!isFields(error)) return { issues: [] }
  const code = error['code'] ?? error['status']
  const metadata = fieldsOf(error['metadata'])
  const message = stringOf(error['message']) ?? stringOf(error['detail'])
  const type =
    stringOf(metadata['error_type']) ?? stringOf(error['type']) ?? stringOf(error['code'])
  const status = typeof code === 'number' ? code : /^\d{3}$/.test(String(code)) ? Number(code) : 0
  return {
    ...(message && { message }),
    ...(type && { type }),
    ...(status > 0 && { status }),
    issues: [],
  }
}

function readIssues(detail: readonly unknown[]): ErrorBody {
  const issues = detail.filter(isFields).map((entry) => ({
    path: Array.isArray(entry['loc']) ? entry['loc'].map(String).join('.') : 'body',
    message: stringOf(entry['msg']) ?? 'is not accepted',
    type: stringOf(entry['type']) ?? 'value_error',
  }))
  const message = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')
  const type = issues.find((issue) => codeByType[issue.type])?.type
  return { ...(message && { message }), ...(type && { type }), issues }
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
