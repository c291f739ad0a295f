import { afterEach, expect, test, vi } from 'vitest'
import { FalLlmError } from '../../errors.ts'
import { resolveFileUrl } from './targets.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const file = '/api/fal/proxy/v3.fal.media/files/emulator/1/a.png?ticket=2'

test.each([
  ['fal’s own host', 'https://v3.fal.media/files/a.png', {}],
  ['another host, by https', 'https://storage.example/a.png', {}],
  ['this machine, by http', `http://localhost:5173${file}`, {}],
  ['this machine by its number', `http://127.0.0.1:8787${file}`, {}],
  ['this machine by its new number', `http://[::1]:8787${file}`, {}],
  ['where the proxy is', `http://192.168.1.5${file}`, { proxyUrl: 'http://192.168.1.5/proxy' }],
])('a file is sent to %s', (_name, url, options) => {
  expect(resolveFileUrl(options, url)).toBe(url)
})

test('a file is sent to where the page comes from, by http as the page itself', () => {
  vi.stubGlobal('location', { href: 'http://192.168.1.5:5173/chat' })
  const url = `http://192.168.1.5:5173${file}`
  expect(resolveFileUrl({ proxyUrl: '/api/fal/proxy' }, url)).toBe(url)
})

test.each(['http://192.168.1.5/a', 'http://v3.fal.media.example/a', 'file:///a', '/a', 'nonsense'])(
  'a file is not sent to %s',
  (url) => {
    vi.stubGlobal('location', { href: 'http://192.168.1.5:5173/chat' })
    expect(() => resolveFileUrl({ proxyUrl: '/api/fal/proxy' }, url)).toThrow(FalLlmError)
  },
)
