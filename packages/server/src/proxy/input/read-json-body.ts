import { refuse } from '../call/refuse.ts'
import { readBody } from './read-body.ts'
import type { BodyLimits } from './read-body.ts'

/** A JSON object as it came. */
export interface JsonBody {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly input: Record<string, unknown>
}

/** Reads a POST's JSON object; the answer to give where it is none: 400, 408, 413, 415. */
export async function readJsonBody(
  request: Request,
  limits: BodyLimits,
): Promise<JsonBody | Response> {
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
  return input ? { bytes, input } : refuse(400, 'the body must be a JSON object in UTF-8')
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
