import { breakBody, waitForever } from './break-body.ts'
import type { BreakingTools } from './break-body.ts'
import type { Fault } from './fault.ts'

/**
 * Applies faults to an answer, one after the other.
 *
 * @param signal Aborted when the caller leaves.
 * @throws TypeError, as a failed fetch does, where the connection should be cut before the head and there is no socket.
 */
export async function applyFaults(
  response: Response,
  faults: readonly Fault[],
  tools: BreakingTools,
  signal: AbortSignal,
): Promise<Response> {
  let broken = response
  for (const fault of faults) {
    if (fault.type === 'respond') broken = replace(broken, fault)
    else if (happensBeforeHead(fault)) await loseAnswer(broken, fault, tools, signal)
    else broken = breakBody(broken, fault, tools)
  }
  return broken
}

/** Keeps only the CORS headers of the old answer, so that a browser can read the new one. */
function replace(response: Response, fault: Fault & { type: 'respond' }): Response {
  const { status = 200, headers = {}, body } = fault
  void response.body?.cancel().catch(() => {})
  const merged = new Headers([...response.headers].filter(([name]) => isAboutOrigin(name)))
  const isText = typeof body === 'string'
  merged.set('content-type', isText ? 'text/plain; charset=utf-8' : 'application/json')
  for (const [name, value] of Object.entries(headers)) merged.set(name, value)
  const hasBody = body !== undefined && ![204, 205, 304].includes(status)
  const text = isText ? body : JSON.stringify(body)
  return new Response(hasBody ? text : null, { status, headers: merged })
}

function isAboutOrigin(header: string): boolean {
  return header.startsWith('access-control-') || header === 'vary'
}

type HeadlessFault = Extract<Fault, { type: 'stall' | 'cut' | 'restart' }>

function happensBeforeHead(fault: Fault): fault is HeadlessFault {
  if (fault.type === 'restart') return true
  return (fault.type === 'stall' || fault.type === 'cut') && fault.beforeHead === true
}

async function loseAnswer(
  response: Response,
  fault: HeadlessFault,
  { connection }: BreakingTools,
  signal: AbortSignal,
): Promise<never> {
  void response.body?.cancel().catch(() => {})
  if (fault.type !== 'stall') {
    if (!connection) throw new TypeError('fetch failed')
    if (fault.type === 'restart') connection.restart(fault.downMs ?? 1000)
    else if (fault.how === 'reset') connection.reset()
    else connection.drop()
  }
  return waitForever(signal)
}
