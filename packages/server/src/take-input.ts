import { HookMisuse } from './guard.ts'
import type { Guard } from './guard.ts'
import { readBody } from './read-body.ts'
import type { BodyLimits } from './read-body.ts'
import { refuse } from './refuse.ts'
import { isResponse } from './to-refusal.ts'

/** A look at an input before it is paid for. Change `input` in place to narrow it; return a Response to refuse. */
export type OnInput = (input: Record<string, unknown>) => void | Response | Promise<void | Response>

/**
 * Reads a POST's JSON object; the answer to give where it is none: 400, 408, 413, 415.
 * The caller's bytes are returned as they came, except where `onInput` looked at the value: then what is
 * sent is what it saw, written anew, so that a doubled field cannot mean one thing here and another at fal.
 */
export async function takeInput(
  request: Request,
  limits: BodyLimits,
  onInput: OnInput | undefined,
  guard: Guard,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return refuse(415, 'the body must be JSON with content-type: application/json')
  }
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    return refuse(415, 'the body must not be compressed')
  }
  const bytes = await readBody(request, limits)
  if (bytes instanceof Response) return bytes
  const input = parseObject(bytes)
  if (!input) return refuse(400, 'the body must be a JSON object in UTF-8')
  if (!onInput) return bytes
  const refusal = await guard('onRequest', async () => {
    const given = await onInput(input)
    if (given === undefined || isResponse(given)) return given
    throw new HookMisuse('onRequest', 'nothing or a Response', given)
  })
  if (refusal) return refusal
  return guard('onRequest', () => new TextEncoder().encode(JSON.stringify(input)))
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // What JSON.parse makes of an object has unknown values under string keys.
    return value as Record<string, unknown>
  } catch {
    return undefined
  }
}
