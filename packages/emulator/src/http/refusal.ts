import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/**
 * Makes a refusal to be thrown: fal's `{"detail": …}`.
 *
 * @param detail fal's text, or Pydantic's list of errors.
 */
export function refusal(
  status: number,
  detail: unknown,
  headers: Readonly<Record<string, string>> = {},
): HTTPException {
  return toException(status, { detail }, headers)
}

/**
 * Makes a refusal of fal's platform: `{"detail": …, "error_type": …}`, the type in a header too.
 *
 * @source fal docs, "Request errors"
 */
export function platformRefusal(
  status: number,
  errorType: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): HTTPException {
  const typed = { 'x-fal-error-type': errorType, ...headers }
  return toException(status, { detail, error_type: errorType }, typed)
}

/** Makes a refusal with any JSON body. */
export function toException(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HTTPException {
  const res = Response.json(body, { status, headers })
  // Hono lists the codes it knows; any from 400 on will do.
  return new HTTPException(status as ContentfulStatusCode, { res })
}
