import { validateInput } from '@fal-llm/core/endpoints'
import type { Endpoint } from '@fal-llm/core/endpoints'
import { parseJson } from '../json.ts'
import { toPydanticDetail } from './pydantic-detail.ts'
import type { ValidationDetail } from './pydantic-detail.ts'

/** A valid input, or the errors that a FastAPI app would list. */
export type ReadInput =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly detail: readonly ValidationDetail[] }

/**
 * Reads a body as the input of an endpoint, as FastAPI does: the content type decides whether it is JSON. Never throws.
 */
export function readInput(
  endpoint: Endpoint,
  text: string,
  contentType: string | undefined,
): ReadInput {
  if (text === '') return refuse('missing', ['body'], 'Field required', null)
  if (contentType !== undefined && !/^application\/([^;]*\+)?json\b/i.test(contentType)) {
    const message = 'Input should be a valid dictionary or object to extract fields from'
    return refuse('model_attributes_type', ['body'], message, text)
  }
  const parsed = parseJson(text)
  if (!parsed.ok) {
    const ctx = { error: 'Expecting value' }
    return refuse('json_invalid', ['body', parsed.position], 'JSON decode error', {}, ctx)
  }
  const validation = validateInput(endpoint, parsed.value)
  if (validation.ok) return validation
  return { ok: false, detail: toPydanticDetail(validation.issues, parsed.value) }
}

function refuse(
  type: string,
  loc: readonly (string | number)[],
  msg: string,
  input: unknown,
  ctx?: Readonly<Record<string, unknown>>,
): ReadInput {
  return { ok: false, detail: [{ type, loc, msg, input, ...(ctx && { ctx }) }] }
}
