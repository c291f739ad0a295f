import { endpoints } from '@fal-llm/core/endpoints'
import { describe, expect, it } from 'vitest'
import { createAllowList } from './allow.ts'

const allow = createAllowList(Object.keys(endpoints), endpoints, true)

describe('createAllowList', () => {
  it.each([
    ['POST', 'https://fal.run/openrouter/router', '/openrouter/router'],
    ['POST', 'https://fal.run/openrouter/router/stream', '/openrouter/router/stream'],
    ['POST', 'https://fal.run/fal-ai/any-llm/enterprise', '/fal-ai/any-llm/enterprise'],
    [
      'POST',
      'https://fal.run/openrouter/router/openai/v1/chat/completions',
      '/openrouter/router/openai/v1/chat/completions',
    ],
    ['POST', 'https://queue.fal.run/fal-ai/any-llm', '/fal-ai/any-llm'],
    [
      'POST',
      'https://queue.fal.run/fal-ai/any-llm?fal_max_queue_length=3',
      '/fal-ai/any-llm?fal_max_queue_length=3',
    ],
    [
      'POST',
      'https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3',
      '/storage/upload/initiate?storage_type=fal-cdn-v3',
    ],
    [
      'POST',
      'https://rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3',
      '/storage/upload/initiate-multipart?storage_type=fal-cdn-v3',
    ],
  ])('lets %s %s through', (method, target, path) => {
    expect(allow(method, target)).toMatchObject({ method, path })
  })

  it.each([
    ['GET', '', '', ''],
    ['GET', '/response', '', ''],
    ['GET', '/status', '?logs=1', '/status'],
    ['GET', '/status', '?logs=true', '/status'],
    ['GET', '/status/stream', '?logs=0', '/status/stream'],
    ['PUT', '/cancel', '', '/cancel'],
  ])('lets %s …/requests/R1%s%s through, in both URL forms', (method, rest, search, action) => {
    for (const prefix of ['openrouter/router', 'openrouter/router/vision']) {
      const target = `https://queue.fal.run/${prefix}/requests/R1${rest}${search}`
      const call = { kind: 'follow', app: 'openrouter/router', requestId: 'R1', action, search }
      expect(allow(method, target)).toMatchObject(call)
    }
  })

  it.each([
    ['another host', 'https://example.com/openrouter/router', 412],
    ['a look-alike in front', 'https://evil-fal.run/openrouter/router', 412],
    ['a look-alike behind', 'https://fal.run.evil.com/openrouter/router', 412],
    ['a look-alike that ends in fal.ai', 'https://evilfal.ai/openrouter/router', 412],
    ['another host of fal', 'https://ws.fal.run/openrouter/router', 412],
    ['plain http', 'http://fal.run/openrouter/router', 412],
    ['another scheme', 'file:///etc/passwd', 412],
    ['a user', 'https://user@fal.run/openrouter/router', 412],
    ['a user and password', 'https://user:pw@fal.run/openrouter/router', 412],
    ['a host as user', 'https://fal.run@evil.com/openrouter/router', 412],
    ['a host as user and path', 'https://fal.run\\@evil.com/openrouter/router', 412],
    ['the default port', 'https://fal.run:443/openrouter/router', 412],
    ['another port', 'https://fal.run:8443/openrouter/router', 412],
    ['a trailing dot', 'https://fal.run./openrouter/router', 412],
    ['upper case', 'https://FAL.RUN/openrouter/router', 412],
    ['dots', 'https://fal.run/openrouter/router/../../fal-ai/flux', 412],
    ['one dot', 'https://fal.run/./openrouter/router', 412],
    ['encoded dots', 'https://fal.run/openrouter/router/%2e%2e/flux', 412],
    ['an encoded slash', 'https://fal.run/fal-ai/any-llm/..%2f..%2fflux/dev', 412],
    ['a doubly encoded slash', 'https://fal.run/fal-ai/any-llm/..%252f..%252fflux/dev', 412],
    ['backslashes', 'https://fal.run/fal-ai/any-llm\\..\\flux', 412],
    ['an empty segment', 'https://fal.run//openrouter/router', 412],
    ['a trailing slash', 'https://fal.run/openrouter/router/', 412],
    ['a fragment', 'https://fal.run/openrouter/router#x', 412],
    ['a line break', 'https://fal.run/openrouter/router\r\nx-evil: 1', 412],
    ['a line break at the end', 'https://fal.run/openrouter/router\n', 412],
    ['a tab', 'https://fal.run/open\trouter/router', 412],
    ['a space', ' https://fal.run/openrouter/router', 412],
    ['a full-width slash', 'https://fal.run/openrouter／router', 412],
    ['another letter that looks alike', 'https://fаl.run/openrouter/router', 412],
    ['two headers joined', 'https://fal.run/openrouter/router, https://evil.com/', 412],
    ['no URL at all', 'openrouter/router', 412],
    ['a bare host', 'https://fal.run', 412],
    ['a kilometre of path', `https://fal.run/${'a/'.repeat(2_000)}a`, 412],
    ['nothing', '', 400],
    ['an endpoint that is not listed', 'https://fal.run/fal-ai/flux/dev', 403],
    ['a sub-path of a listed endpoint', 'https://fal.run/openrouter/router/realtime', 403],
    ['a listed endpoint as prefix', 'https://fal.run/openrouter/router2', 403],
    ['another case of a listed endpoint', 'https://fal.run/OpenRouter/router', 403],
    ['/stream of one without', 'https://fal.run/fal-ai/any-llm/enterprise/stream', 403],
    [
      '/stream of OpenAI chat',
      'https://fal.run/openrouter/router/openai/v1/chat/completions/stream',
      403,
    ],
    ['/stream on the queue', 'https://queue.fal.run/openrouter/router/stream', 403],
    ['tokens', 'https://rest.fal.ai/tokens/realtime', 403],
    ['another storage call', 'https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3', 403],
    ['a webhook', 'https://queue.fal.run/openrouter/router?fal_webhook=https://evil.com', 403],
    ['an encoded webhook', 'https://queue.fal.run/openrouter/router?fal%5Fwebhook=x', 403],
    ['a key in the query', 'https://fal.run/openrouter/router?fal_jwt_token=x', 400],
    ['a query that objects inherit', 'https://fal.run/openrouter/router?toString=1', 400],
    ['an odd queue length', 'https://queue.fal.run/openrouter/router?fal_max_queue_length=-1', 400],
  ])('refuses a POST with %s', (_what, target, status) => {
    expect(allow('POST', target)).toMatchObject({ kind: 'refused', status })
  })

  it.each([
    ['a missing header', null, 400],
    ['a job of another app', 'https://queue.fal.run/fal-ai/flux/requests/R1/status', 403],
    ['a job without app', 'https://queue.fal.run/requests/R1/status', 403],
    [
      'a follow-up fal does not know',
      'https://queue.fal.run/fal-ai/any-llm/requests/R1/delete',
      404,
    ],
    ['a request id with a dot', 'https://queue.fal.run/fal-ai/any-llm/requests/R1.x/status', 400],
    [
      'a kilometre of request id',
      `https://queue.fal.run/fal-ai/any-llm/requests/${'a'.repeat(201)}`,
      400,
    ],
    ['odd logs', 'https://queue.fal.run/fal-ai/any-llm/requests/R1/status?logs=2', 400],
    ['doubled logs', 'https://queue.fal.run/fal-ai/any-llm/requests/R1/status?logs=1&logs=0', 400],
    ['a run', 'https://fal.run/openrouter/router?prompt=a', 400],
    ['a run of an endpoint that is not listed', 'https://fal.run/fal-ai/flux/dev', 403],
  ])('refuses a GET with %s', (_what, target, status) => {
    expect(allow('GET', target)).toMatchObject({ kind: 'refused', status })
  })

  it.each([
    ['GET', 'https://fal.run/openrouter/router', 'POST'],
    ['PUT', 'https://queue.fal.run/openrouter/router', 'POST'],
    ['GET', 'https://rest.fal.ai/storage/upload/initiate', 'POST'],
    ['POST', 'https://queue.fal.run/openrouter/router/requests/R1/status', 'GET'],
    ['GET', 'https://queue.fal.run/openrouter/router/requests/R1/cancel', 'PUT'],
    ['POST', 'https://queue.fal.run/openrouter/router/requests/R1/cancel', 'PUT'],
    ['DELETE', 'https://fal.run/openrouter/router', 'GET, POST, PUT'],
    ['PATCH', 'https://fal.run/openrouter/router', 'GET, POST, PUT'],
    ['OPTIONS', null, 'GET, POST, PUT'],
    ['post', 'https://fal.run/openrouter/router', 'GET, POST, PUT'],
  ])('answers %s %s with 405 and the method that would do', (method, target, methods) => {
    expect(allow(method, target)).toMatchObject({ status: 405, allow: methods })
  })

  it('serves an endpoint that is not in the registry once it is listed', () => {
    const own = createAllowList(['my-team/my-app/deep'], endpoints, true)
    expect(own('POST', 'https://fal.run/my-team/my-app/deep/stream')).toMatchObject({
      kind: 'generate',
      endpoint: 'my-team/my-app/deep',
      app: 'my-team/my-app',
    })
    expect(own('POST', 'https://fal.run/openrouter/router')).toMatchObject({ status: 403 })
  })

  it('keeps three segments of an app in a namespace', () => {
    const own = createAllowList(['workflows/me/thing'], endpoints, true)
    const target = 'https://queue.fal.run/workflows/me/thing/requests/R1'
    expect(own('GET', target)).toMatchObject({ app: 'workflows/me/thing' })
    expect(own('GET', 'https://queue.fal.run/workflows/me/requests/R1')).toMatchObject({
      status: 403,
    })
  })

  it.each([
    'openrouter/**',
    'https://fal.run/openrouter/router',
    'router',
    '/openrouter/router',
    'a/../b',
  ])('says what to list instead of %s', (entry) => {
    expect(() => createAllowList([entry], endpoints, true)).toThrow(/list ids one by one/)
  })

  it('refuses uploads when they are switched off', () => {
    const without = createAllowList(['openrouter/router'], endpoints, false)
    const target = 'https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3'
    expect(without('POST', target)).toMatchObject({ status: 403 })
  })
})
