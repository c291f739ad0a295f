import type { ProxyCall } from '../call/call-record.ts'
import { HookMisuse } from '../call/guard.ts'
import type { Guard } from '../call/guard.ts'
import { refuse } from '../call/refuse.ts'
import { isResponse } from '../call/to-refusal.ts'

/** A file that a caller wants to upload, as the caller describes it. Storage does not check the description. */
export interface ProxyUpload extends ProxyCall {
  /** As in "image/png"; lower case, without parameters. */
  readonly contentType: string
  readonly fileName: string
  /** Bytes; undefined where the caller sent no `file_size`, as fal's own clients do not. */
  readonly sizeBytes: number | undefined
  /** Whether it comes in parts, as fal's clients send files of more than 90 MiB. */
  readonly isMultipart: boolean
}

/** Called with each file before its upload starts; return a Response to refuse it. */
export type OnUpload = (upload: ProxyUpload) => void | Response | Promise<void | Response>

const typeGrammar = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/
const maxNameLength = 255

/**
 * Checks the request that starts an upload. Resolves with the body to send to fal, or with a refusal: 400 for a body that
 * starts no upload, the Response of `onUpload`, 500 when `onUpload` failed.
 */
export async function readUpload(
  input: Readonly<Record<string, unknown>>,
  isMultipart: boolean,
  call: ProxyCall,
  onUpload: OnUpload | undefined,
  guard: Guard,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const { content_type: type, file_name: fileName, file_size: size } = input
  const contentType = typeof type === 'string' ? type.split(';', 1)[0]?.trim().toLowerCase() : ''
  if (contentType === undefined || !typeGrammar.test(contentType)) {
    return refuse(400, 'an upload has a content_type such as "image/png"')
  }
  if (typeof fileName !== 'string' || fileName === '' || fileName.length > maxNameLength) {
    return refuse(400, `an upload has a file_name of 1 to ${maxNameLength} characters`)
  }
  if (size !== undefined && !(Number.isSafeInteger(size) && Number(size) >= 0)) {
    return refuse(400, 'file_size is a whole number of bytes')
  }
  if (onUpload) {
    const sizeBytes = size === undefined ? undefined : Number(size)
    const upload = { ...call, contentType, fileName, sizeBytes, isMultipart }
    const refusal = await guard('onUpload', async () => {
      const given = await onUpload(upload)
      if (given === undefined || isResponse(given)) return given
      throw new HookMisuse('onUpload', 'nothing or a Response', given)
    })
    if (refusal) return refusal
  }
  // Only what the hook saw is sent: no doubled field, and no field that it was not shown.
  return new TextEncoder().encode(
    JSON.stringify({ content_type: contentType, file_name: fileName }),
  )
}
