import { describe, expect, it } from 'vitest'
import { parseAddress, toFollowableUrl } from './address.ts'

const baseUrl = 'http://127.0.0.1:8787'

function address(path: string, headers: Record<string, string> = {}, base = baseUrl) {
  const { query, ...rest } = parseAddress(new Request(`${base}${path}`, { headers }))
  return { ...rest, query: query.toString() }
}

describe('parseAddress', () => {
  it.each([
    ['/queue.fal.run/fal-ai/any-llm?x=1', 'queue.fal.run', '/fal-ai/any-llm', 'x=1'],
    ['/fal.run/openrouter/router/stream', 'fal.run', '/openrouter/router/stream', ''],
    ['/rest.alpha.fal.ai/tokens/', 'rest.fal.ai', '/tokens', ''],
    ['/v3b.fal.media/files/a/b.txt', 'v3.fal.media', '/files/a/b.txt', ''],
    ['/fal.ai/api/openapi?endpoint_id=a/b', 'fal.ai', '/api/openapi', 'endpoint_id=a%2Fb'],
    ['/FAL.RUN/fal-ai/any-llm', 'fal.run', '/fal-ai/any-llm', ''],
    ['/fal.run', 'fal.run', '', ''],
  ])('reads the host of %s from its first segment', (path, host, falPath, query) => {
    expect(address(path)).toEqual({ host, path: falPath, query, baseUrl, mapsHosts: false })
  })

  it.each([
    '/https://queue.fal.run/fal-ai/any-llm?x=1',
    '/HTTPS://QUEUE.fal.run/fal-ai/any-llm?x=1',
  ])('reads the whole URL in %s, as a patched fetch writes it', (path) => {
    expect(address(path)).toEqual({
      host: 'queue.fal.run',
      path: '/fal-ai/any-llm',
      query: 'x=1',
      baseUrl,
      mapsHosts: true,
    })
  })

  it('does not take the URL of somebody else for one of fal’s', () => {
    expect(address('/https://evil.example/fal-ai/any-llm')).toMatchObject({
      host: 'fal.run',
      path: '/https://evil.example/fal-ai/any-llm',
      mapsHosts: false,
    })
  })

  it('takes a path whose first segment is no host for one of fal.run', () => {
    expect(address('/fal-ai/any-llm')).toMatchObject({
      host: 'fal.run',
      path: '/fal-ai/any-llm',
      mapsHosts: false,
    })
  })

  it('believes a Host header of one of fal’s hosts', () => {
    expect(address('/fal-ai/any-llm/requests/1', {}, 'http://queue.fal.run')).toMatchObject({
      host: 'queue.fal.run',
      path: '/fal-ai/any-llm/requests/1',
      mapsHosts: true,
    })
  })

  it('follows the proxy protocol, query included', () => {
    const headers = { 'x-fal-target-url': 'https://rest.fal.ai/storage/upload/initiate?a=b' }
    expect(address('/api/fal/proxy?mine=1', headers)).toMatchObject({
      host: 'rest.fal.ai',
      path: '/storage/upload/initiate',
      query: 'a=b',
      mapsHosts: false,
    })
  })

  it.each([
    'https://evil-fal.run/x',
    'https://fal.run.evil.example/x',
    'http://fal.run/fal-ai/any-llm',
    'https://fal.run@evil.example/',
    'nonsense',
  ])('has a problem with the proxy target %s', (target) => {
    expect(address('/', { 'x-fal-target-url': target }).problem).toMatchObject({ status: 412 })
  })
})

describe('an emulator that is mounted at a path of another server', () => {
  const target = 'https://rest.fal.ai/storage/upload/initiate'

  it.each([
    ['/v3.fal.media/files/a/b.txt', {}],
    ['/', { 'x-fal-target-url': target }],
  ])('is reached below that path, as x-forwarded-prefix says, for %s', (path, headers) => {
    const known = { ...headers, 'x-forwarded-prefix': '/app/api/fal/proxy/' }
    expect(address(path, known).baseUrl).toBe('http://127.0.0.1:8787/app/api/fal/proxy')
  })

  it.each(['//evil.example', 'evil', '/a b', '/a?b', '/"><script>'])(
    'believes no prefix that is no path: %s',
    (prefix) => {
      expect(address('/v3.fal.media/a', { 'x-forwarded-prefix': prefix }).baseUrl).toBe(baseUrl)
    },
  )
})

describe('toFollowableUrl', () => {
  it('writes fal’s own URL for a caller that maps hosts, and a mapped one for one that does not', () => {
    const path = '/fal-ai/any-llm/requests/1'
    expect(toFollowableUrl({ mapsHosts: true, baseUrl }, 'queue.fal.run', path)).toBe(
      'https://queue.fal.run/fal-ai/any-llm/requests/1',
    )
    expect(toFollowableUrl({ mapsHosts: false, baseUrl }, 'queue.fal.run', path)).toBe(
      'http://127.0.0.1:8787/queue.fal.run/fal-ai/any-llm/requests/1',
    )
  })
})
