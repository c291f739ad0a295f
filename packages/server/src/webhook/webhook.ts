// Verifies who sent a webhook (fal docs, "Webhooks": Ed25519 over request id, user id, timestamp and the SHA-256 of
// the raw body, one per line). Reading is strict on purpose: what two parsers could read differently is refused.

import { fromHex, toHex } from '../hex.ts'
import { parseObject } from '../json.ts'
import { collectBytes } from './body.ts'
import { FalWebhookError } from './error.ts'
import { createJwks } from './jwks.ts'
import type { Jwks } from './jwks.ts'
import { checkOptions } from './options.ts'
import type { VerifyOptions } from './options.ts'

/** What fal reports about a finished job. */
export interface WebhookEvent<Payload = unknown> {
  readonly requestId: string
  /** Differs from `requestId` when fal tried the job again. */
  readonly gatewayRequestId: string | undefined
  /**
   * The fal account that submitted the job. The signature covers it, but it may be any account: see `expectedUserId`.
   */
  readonly userId: string
  readonly status: 'OK' | 'ERROR'
  /** The model's output, or fal's error body. Null when it could not be written as JSON. */
  readonly payload: Payload | null
  readonly error: string | undefined
  readonly payloadError: string | undefined
}

const falKeys = 'https://rest.fal.ai/.well-known/jwks.json'
const keySets = new WeakMap<typeof fetch, Map<string, Jwks>>()

/**
 * Verifies that a webhook call was signed by fal, and reads it.
 * Give it the request before anything reads or parses its body; a re-serialised body fails.
 *
 * @throws FalWebhookError `missing-header`, `malformed`, `stale` outside the tolerance, `too-large`, `too-slow`, `forged`
 * when no key matches, `foreign-account`, `keys-unavailable` when it could not be checked: let fal deliver again.
 * @throws TypeError for an option with a wrong value.
 * @source fal docs, "Webhooks" (read 2026-11-20)
 */
export async function verifyFalWebhook<Payload = unknown>(
  request: Request,
  options: VerifyOptions = {},
): Promise<WebhookEvent<Payload>> {
  checkOptions(options)
  const { toleranceMs = 300_000, now = Date.now, expectedUserId } = options
  const requestId = readHeader(request, 'x-fal-webhook-request-id', /^[\x21-\x7e]{1,256}$/)
  const userId = readHeader(request, 'x-fal-webhook-user-id', /^[\x21-\x7e]{1,256}$/)
  const timestamp = readHeader(request, 'x-fal-webhook-timestamp', /^\d{1,12}$/)
  const signature = readHeader(request, 'x-fal-webhook-signature', /^[0-9a-fA-F]{128}$/)
  const nowMs = now()
  const skewMs = Math.abs(nowMs - Number(timestamp) * 1_000)
  // Not `skewMs > toleranceMs`: that would be false, and so accept everything, if the clock returned NaN.
  if (!(skewMs <= toleranceMs)) {
    throw new FalWebhookError(
      'stale',
      `The webhook is ${Math.round(skewMs / 1_000)} s off the clock`,
    )
  }
  const body = await readRaw(request, options)
  const hash = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', body)))
  const message = new TextEncoder().encode(`${requestId}\n${userId}\n${timestamp}\n${hash}`)
  const isFals = await keySet(options).verify(fromHex(signature), message, nowMs)
  if (!isFals) {
    throw new FalWebhookError(
      'forged',
      'No key of fal made this signature for these bytes; a body that was parsed and written anew fails too',
    )
  }
  // Checked after the signature, so that a caller without one learns nothing about the account.
  if (expectedUserId !== undefined && ![expectedUserId].flat().includes(userId)) {
    throw new FalWebhookError(
      'foreign-account',
      'The webhook is about a job of another fal account',
    )
  }
  return parseEvent<Payload>(body, requestId, userId)
}

function readHeader(request: Request, name: string, grammar: RegExp): string {
  const value = request.headers.get(name)
  if (value === null) throw new FalWebhookError('missing-header', `The header ${name} is missing`)
  if (grammar.test(value)) return value
  throw new FalWebhookError('malformed', `The header ${name} is malformed`)
}

async function readRaw(
  request: Request,
  { maxBodyBytes = 1_048_576, bodyTimeoutMs = 5_000 }: VerifyOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (request.bodyUsed || request.body?.locked) {
    throw new FalWebhookError('malformed', 'The body was read before; verify the request first')
  }
  const length = request.headers.get('content-length') ?? ''
  const bounds = {
    maxBytes: maxBodyBytes,
    timeoutMs: bodyTimeoutMs,
    expectedBytes: /^\d+$/.test(length) ? Number(length) : 0,
  }
  const bytes = await collectBytes(request.body, bounds).catch((cause: unknown) => {
    throw new FalWebhookError('malformed', 'The body broke off', { cause })
  })
  if (bytes === 'too-large') {
    throw new FalWebhookError(
      'too-large',
      `The body is larger than ${maxBodyBytes} bytes (maxBodyBytes)`,
    )
  }
  if (bytes === 'too-slow') {
    throw new FalWebhookError(
      'too-slow',
      `The body did not arrive within ${bodyTimeoutMs} ms (bodyTimeoutMs)`,
    )
  }
  return bytes
}

function keySet({ jwksUrl = falKeys, fetch: load = fetch }: VerifyOptions): Jwks {
  const sets = keySets.get(load) ?? new Map<string, Jwks>()
  const set = sets.get(jwksUrl) ?? createJwks({ url: jwksUrl, fetch: load })
  keySets.set(load, sets.set(jwksUrl, set))
  return set
}

function parseEvent<Payload>(
  body: Uint8Array,
  signedId: string,
  userId: string,
): WebhookEvent<Payload> {
  const event = parseObject(body)
  const status = event?.['status']
  if (!event || (status !== 'OK' && status !== 'ERROR')) {
    throw new FalWebhookError('malformed', 'The body is not the JSON of a webhook')
  }
  return {
    requestId: textOf(event['request_id']) ?? signedId,
    gatewayRequestId: textOf(event['gateway_request_id']),
    userId,
    status,
    // The app states the type of its endpoint's output. fal signed the payload; its type is not checked here.
    payload: (event['payload'] ?? null) as Payload | null,
    error: textOf(event['error']),
    payloadError: textOf(event['payload_error']),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
