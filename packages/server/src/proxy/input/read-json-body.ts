import { parseObject } from '../../json.ts'
import type { Fields } from '../../json.ts'
import { refuse } from '../call/refuse.ts'
import { readBody } from './read-body.ts'
import type { BodyLimits } from './read-body.ts'

/** A JSON object, and the bytes it was parsed from. */
export interface JsonBody {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly input: Fields
}

/** Reads the JSON object of a POST. Resolves with a refusal where there is none: 400, 408, 413 or 415. */
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
