// One call, in order: who is calling, whether the target is allowed, the rate limit, the body, and only then the key and fal.
// Each step either lets the call go on or returns the answer.

import type { AllowList, Call } from './call/allow.ts'
import { toAction } from './call/call-record.ts'
import type { CallRecord } from './call/call-record.ts'
import { HookMisuse } from './call/guard.ts'
import type { Guard, Report } from './call/guard.ts'
import { refuse } from './call/refuse.ts'
import { isResponse } from './call/to-refusal.ts'
import { identify } from './identify.ts'
import type { BodyLimits } from './input/read-body.ts'
import { readJsonBody } from './input/read-json-body.ts'
import { readUpload } from './input/read-upload.ts'
import type { CallsInFlight } from './limits/calls-in-flight.ts'
import { checkLimit } from './limits/rate-limit.ts'
import type { RateLimit } from './limits/rate-limit.ts'
import type { FalProxyOptions } from './proxy-options.ts'
import { readKey } from './upstream/credentials.ts'
import { toFalHeaders } from './upstream/header-lists.ts'
import type { Sender } from './upstream/send.ts'

/** What all calls of one proxy share. */
export interface Service {
  readonly options: FalProxyOptions
  readonly allow: AllowList
  readonly send: Sender
  readonly inFlight: CallsInFlight
  readonly limit: RateLimit | false
  readonly limitFollowUps: RateLimit | false
  readonly bodyLimits: BodyLimits
}

/** One call, with its record and its error handling. */
export interface ServedCall {
  readonly record: CallRecord
  readonly guard: Guard
  readonly report: Report
  /** Takes a function that is called when the call is over. */
  readonly onFinished: (release: () => void) => void
  /** Headers that every answer to this call gets; steps of the call add to them. */
  readonly answerHeaders: Record<string, string>
  /** Called with an answer that has these headers already. */
  readonly onComplete: (response: Response) => void
}

/** Serves one call. Rejects only for a bug of this package. */
export async function serveCall(service: Service, served: ServedCall): Promise<Response> {
  const { options, allow, inFlight } = service
  const { record, guard } = served
  const { request } = record
  const caller = await identify(request, options.authorize, options.allowAnonymous ?? false, guard)
  if (caller instanceof Response) return caller
  record.userId = caller.userId

  const call = allow(request.method, request.headers.get('x-fal-target-url'))
  if (call.kind === 'refused') {
    return refuse(call.status, call.detail, call.allow ? { allow: call.allow } : {})
  }
  record.action = toAction(call)
  record.endpoint =
    call.kind === 'follow' ? call.app : call.kind === 'upload' ? undefined : call.endpoint
  const sent = toFalHeaders(request.headers)
  if (!sent.ok) return refuse(400, `the header ${sent.name} is too long or holds odd characters`)

  const refusal = await limitCall(service, served, call)
  if (refusal) return refusal
  const leave = inFlight.enter(record)
  if (!leave)
    return refuse(429, 'too many calls open at once (maxInFlight)', { 'retry-after': '1' })
  served.onFinished(leave)
  const body = call.method === 'POST' ? await readInput(service, served, call) : undefined
  if (body instanceof Response) return body
  const key = await guard('credentials', () => readKey(options.credentials))
  if (key instanceof Response) return key
  if (!key.ok) return refuse(500, key.detail)
  return service.send({ ...served, call, headers: sent.headers, body }, key.key)
}

async function limitCall(
  { limit, limitFollowUps }: Service,
  { record, guard, answerHeaders }: ServedCall,
  call: Call,
): Promise<Response | undefined> {
  const isFollowUp = call.kind === 'follow'
  const wanted = isFollowUp ? limitFollowUps : limit
  if (!wanted) return undefined
  const admission = isFollowUp
    ? await checkLimit('follow-ups', 'limitFollowUps', wanted, record, guard)
    : await checkLimit('calls', 'limit', wanted, record, guard)
  if (admission instanceof Response) return admission
  Object.assign(answerHeaders, admission)
  return undefined
}

// The caller's bytes are sent unchanged, unless `onRequest` saw their value. Then that value is written anew and sent:
// otherwise a doubled field could mean one thing to `onRequest` and another to fal.
async function readInput(
  { options: { onRequest, onUpload }, bodyLimits }: Service,
  { record, guard }: ServedCall,
  call: Call,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const taken = await readJsonBody(record.request, bodyLimits)
  if (taken instanceof Response) return taken
  const { bytes, input } = taken
  if (call.kind === 'upload') {
    return readUpload(input, call.path.includes('-multipart'), record, onUpload, guard)
  }
  if (call.kind === 'generate' && onRequest) {
    const refusal = await guard('onRequest', async () => {
      const { userId, request } = record
      const given = await onRequest({ endpoint: call.endpoint, input, userId, request })
      if (given === undefined || isResponse(given)) return given
      throw new HookMisuse('onRequest', 'nothing or a Response', given)
    })
    if (refusal) return refusal
  }
  if (typeof input['model'] === 'string') record.model = input['model']
  if (record.action === 'run' && input['stream'] === true) record.action = 'stream'
  if (!onRequest) return bytes
  return guard('onRequest', () => new TextEncoder().encode(JSON.stringify(input)))
}
