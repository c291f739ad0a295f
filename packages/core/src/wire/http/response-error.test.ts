import { expect, test } from 'vitest'
import { inBandError, responseError, retryAfterMs } from './response-error.ts'

function refused(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const falUrl = 'https://fal.run/fal-ai/any-llm'
  const asked = { method: 'POST', falUrl, target: { url: falUrl, headers: {} } }
  return responseError({ status, headers: new Headers(headers), body: text, endpoint: 'e', asked })
}

test.each([
  [401, { detail: 'No user found for Key ID and Secret' }, 'auth'],
  [403, { detail: 'User is locked. Reason: Exhausted balance.' }, 'forbidden'],
  [404, { detail: 'Path /stream not found' }, 'not-found'],
  [
    422,
    { detail: [{ loc: ['body', 'prompt'], msg: 'Field required', type: 'missing' }] },
    'invalid-input',
  ],
  [
    422,
    { detail: [{ loc: ['body', 'prompt'], msg: 'flagged', type: 'content_policy_violation' }] },
    'content-policy',
  ],
  [429, { detail: 'Too many', error_type: 'concurrent_requests_limit' }, 'rate-limited'],
  [499, { detail: '', error_type: 'client_cancelled' }, 'cancelled'],
  [500, { detail: 'Internal Server Error' }, 'provider'],
  [503, { detail: 'x', error_type: 'runner_scheduling_failure' }, 'overloaded'],
  [504, { detail: 'Request timed out', error_type: 'request_timeout' }, 'timeout'],
  [
    400,
    { error: { code: 400, message: 'maximum context length is 8192 tokens' } },
    'context-overflow',
  ],
  [502, { error: { code: 502, message: 'Bad gateway' } }, 'provider'],
  [418, '<html>', 'unknown'],
])('HTTP %i %j is %s', (status, body, code) => {
  expect(refused(status, body)).toMatchObject({ code, status, endpoint: 'e' })
})

test('the message is fal’s own detail, with the field before it', () => {
  const error = refused(422, {
    detail: [
      { loc: ['body', 'prompt'], msg: 'Field required', type: 'missing', input: { secret: 1 } },
      {
        loc: ['body', 'image_urls', 0],
        msg: 'Input should be a valid string',
        type: 'string_type',
      },
    ],
  })
  expect(error.message).toBe(
    'body.prompt: Field required; body.image_urls.0: Input should be a valid string',
  )
  expect(error.issues.map((issue) => issue.path)).toEqual(['body.prompt', 'body.image_urls.0'])
  expect(JSON.stringify(error)).not.toContain('secret')
})

test('headers say the request id, the wait and whether to try again', () => {
  const error = refused(429, {}, { 'x-fal-request-id': 'R', 'retry-after': '3' })
  expect(error).toMatchObject({ requestId: 'R', retryAfterMs: 3_000, retryable: true })
  expect(refused(504, {}, { 'x-fal-request-timeout-type': 'user' }).retryable).toBe(false)
  expect(refused(500, {}, { 'x-fal-retryable': 'false' }).retryable).toBe(false)
})

test.each(['', '<html>', '[]', 'null', '"x"', '{"detail":{}}', '{"detail":[null,1]}', '\u0000'])(
  'a body of %j still makes a readable error',
  (body) => {
    expect(refused(502, body).message).not.toBe('')
  },
)

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-11-20T00:00:00Z')
  expect(retryAfterMs('120', now)).toBe(120_000)
  expect(retryAfterMs('Fri, 20 Nov 2026 00:00:05 GMT', now)).toBe(5_000)
  expect(retryAfterMs('Fri, 20 Nov 2020 00:00:05 GMT', now)).toBe(0)
  expect(retryAfterMs('soon', now)).toBeUndefined()
})

test('an error on HTTP 200 has a code too', () => {
  expect(inBandError('Provider returned error', 'e')).toMatchObject({ code: 'provider' })
  expect(inBandError({ code: 429, message: 'slow down' }, 'e')).toMatchObject({
    code: 'rate-limited',
    status: 429,
  })
  expect(inBandError({ code: 'server_error', message: 'x' }, 'e').code).toBe('provider')
  expect(inBandError({}, 'e').message).not.toBe('')
})
