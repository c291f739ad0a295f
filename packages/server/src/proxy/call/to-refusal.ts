// A framework, a polyfill or a test runner may bring a Response class of its own, which `instanceof` does not know.

import { toFields } from '../../json.ts'

/** The part of a Response that every Response class has. */
interface ResponseLike {
  readonly status: number
  readonly statusText?: string
  readonly headers: Iterable<[string, string]>
  arrayBuffer(): Promise<ArrayBuffer>
}

/** Whether a value is a Response of any class, by its shape. */
export function isResponse(value: unknown): value is ResponseLike {
  if (value instanceof Response) return true
  const { status, headers, arrayBuffer } = toFields(value)
  const isIterable = Symbol.iterator in toFields(headers)
  return typeof status === 'number' && isIterable && typeof arrayBuffer === 'function'
}

/**
 * Turns a Response of any class into a Response of this realm; undefined for any other value.
 * Rejects when the foreign one cannot be read, or has a status that no Response can have.
 */
export async function toRefusal(value: unknown): Promise<Response | undefined> {
  if (value instanceof Response) return value
  if (!isResponse(value)) return undefined
  const { status, statusText = '', headers } = value
  const bytes = await value.arrayBuffer()
  const body = bytes.byteLength > 0 ? bytes : null
  return new Response(body, { status, statusText, headers: [...headers] })
}
