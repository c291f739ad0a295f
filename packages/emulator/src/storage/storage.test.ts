import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../test/manual-clock.ts'
import { post } from '../../test/requests.ts'
import { createEmulator } from '../emulator.ts'
import type { Emulator } from '../emulator.ts'

const initiatePath = '/rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3'
const multipartPath = '/rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3'
const hello = { content_type: 'text/plain', file_name: 'hello.txt' }

async function initiate(
  emulator: Emulator,
  path = initiatePath,
  headers: Record<string, string> = {},
) {
  const response = await emulator.fetch(post(path, hello, headers))
  expect(response.status).toBe(200)
  return (await response.json()) as { upload_url: string; file_url: string }
}

const put = (emulator: Emulator, url: string, body: string) =>
  emulator.fetch(
    new Request(url, { method: 'PUT', body, headers: { 'content-type': 'text/plain' } }),
  )

const read = (emulator: Emulator, url: string, headers: Record<string, string> = {}) =>
  emulator.fetch(new Request(url, { headers }))

describe('an upload', () => {
  it('is announced, put without a key, and readable at the URL handed out and at fal’s host', async () => {
    const emulator = createEmulator()
    const { upload_url: uploadUrl, file_url: fileUrl } = await initiate(emulator)
    expect(fileUrl).toMatch(/^http:\/\/127\.0\.0\.1:8787\/v3\.fal\.media\/files\/.*\/hello\.txt$/)
    expect((await put(emulator, uploadUrl, 'Hello, World!')).status).toBe(200)
    for (const url of [fileUrl, fileUrl.replace('127.0.0.1:8787/', '')]) {
      const file = await emulator.fetch(new Request(url))
      expect(await file.text()).toBe('Hello, World!')
      expect(file.headers.get('content-type')).toBe('text/plain')
    }
    expect(emulator.storedBytes).toBe(13)
  })

  it('hands out mapped URLs to a caller that came without mapping', async () => {
    const headers = { 'x-fal-target-url': `https:/${initiatePath}` }
    const emulator = createEmulator()
    const request = post('/api/fal/proxy', hello, headers)
    const answer = (await (await emulator.fetch(request)).json()) as Record<string, string>
    expect(answer['upload_url']).toMatch(/^http:\/\/127\.0\.0\.1:8787\/v3\.fal\.media\/files\//)
    expect(answer['file_url']).toMatch(/^http:\/\/127\.0\.0\.1:8787\/v3\.fal\.media\/files\//)
  })

  it('needs a key to be announced, and the ticket it was given to be put', async () => {
    const emulator = createEmulator()
    const anonymous = new Request(`http://127.0.0.1:1${initiatePath}`, {
      method: 'POST',
      body: JSON.stringify(hello),
    })
    const refused = await emulator.fetch(anonymous)
    expect([refused.status, await refused.json()]).toEqual([
      401,
      { detail: 'Authorization header is required' },
    ])
    const { upload_url: uploadUrl, file_url: fileUrl } = await initiate(emulator)
    expect((await put(emulator, uploadUrl.replace(/ticket=.{3}/, 'ticket=bad'), 'x')).status).toBe(
      403,
    )
    expect((await put(emulator, fileUrl, 'x')).status).toBe(401)
    expect((await read(emulator, fileUrl)).status).toBe(404)
  })

  it('rule 20: names the field that is missing', async () => {
    const response = await createEmulator().fetch(post(initiatePath, { file_name: 'a' }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ detail: [{ loc: ['body', 'content_type'] }] })
  })

  it('makes no path of a name', async () => {
    const emulator = createEmulator()
    const name = { content_type: 'text/plain', file_name: '../../e vil/<a>?b.txt' }
    const response = await emulator.fetch(post(initiatePath, name))
    const { file_url: fileUrl } = (await response.json()) as { file_url: string }
    expect(fileUrl).toMatch(/\/_a__b\.txt$/)
  })

  it('is refused once the storage is full, with the limit', async () => {
    const emulator = createEmulator({ maxStoredBytes: 10 })
    const first = await initiate(emulator)
    expect((await put(emulator, first.upload_url, '123456')).status).toBe(200)
    const second = await initiate(emulator)
    const refused = await put(emulator, second.upload_url, '123456')
    expect(refused.status).toBe(413)
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('10 bytes') })
    expect((await put(emulator, first.upload_url, '123')).status).toBe(200)
    expect((await put(emulator, second.upload_url, '123456')).status).toBe(200)
  })
})

describe('an upload in parts', () => {
  it('returns each ETag in the body and in the header, and puts the parts together in order', async () => {
    const emulator = createEmulator()
    const { upload_url: uploadUrl, file_url: fileUrl } = await initiate(emulator, multipartPath)
    const url = new URL(uploadUrl)
    const below = (end: string) => `${url.origin}${url.pathname}/${end}${url.search}`
    const parts: { partNumber: number; etag: string }[] = []
    for (const [number, text] of [
      [2, 'World!'],
      [1, 'Hello, '],
    ] as const) {
      const response = await put(emulator, below(String(number)), text)
      const part = (await response.json()) as { partNumber: number; etag: string }
      expect(response.headers.get('etag')).toBe(part.etag)
      parts.unshift(part)
    }
    const complete = (list: object[]) =>
      emulator.fetch(
        new Request(below('complete'), {
          method: 'POST',
          body: JSON.stringify({ parts: list }),
        }),
      )
    expect((await complete([{ partNumber: 1, etag: 'wrong' }])).status).toBe(400)
    expect((await complete([])).status).toBe(400)
    expect((await read(emulator, fileUrl)).status).toBe(404)
    expect((await complete(parts)).status).toBe(200)
    expect(await (await read(emulator, fileUrl)).text()).toBe('Hello, World!')
    expect(emulator.storedBytes).toBe(13)
  })

  it('lets a part be sent again', async () => {
    const emulator = createEmulator()
    const { upload_url: uploadUrl } = await initiate(emulator, multipartPath)
    const part = uploadUrl.replace('?', '/1?')
    await put(emulator, part, 'first try')
    await put(emulator, part, 'second')
    expect(emulator.storedBytes).toBe(6)
  })
})

describe('a lifecycle', () => {
  const withLifecycle = async (lifecycle: object) => {
    const clock = createManualClock()
    const emulator = createEmulator({ clock })
    const headers = { 'x-fal-object-lifecycle': JSON.stringify(lifecycle) }
    const urls = await initiate(emulator, initiatePath, headers)
    await put(emulator, urls.upload_url, 'hi')
    return { clock, emulator, url: urls.file_url }
  }

  it('ends a file after its time', async () => {
    const { clock, emulator, url } = await withLifecycle({ expiration_duration_seconds: 60 })
    await clock.advance(59_999)
    expect((await read(emulator, url)).status).toBe(200)
    await clock.advance(1)
    expect((await read(emulator, url)).status).toBe(404)
  })

  it.each([
    ['hide', 404],
    ['forbid', 403],
    ['allow', 200],
  ])(
    'with the access "%s" answers a stranger with %i, and the owner with the file',
    async (access, status) => {
      const { emulator, url } = await withLifecycle({ initial_acl: { default: access, rules: [] } })
      expect((await read(emulator, url)).status).toBe(status)
      expect((await read(emulator, url, { authorization: 'Key a:b' })).status).toBe(200)
    },
  )
})

describe('the way of fal’s Python client', () => {
  it('uploads with a token, at once', async () => {
    const emulator = createEmulator({ keys: ['test:secret'] })
    const response = await emulator.fetch(
      post('/rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3', {}),
    )
    const token = (await response.json()) as Record<string, string>
    expect(token).toMatchObject({
      token_type: 'Bearer',
      base_url: 'http://127.0.0.1:8787/v3.fal.media',
    })
    expect(Date.parse(token['expires_at'] ?? '')).toBeGreaterThan(Date.now())
    const upload = (authorization: string) =>
      emulator.fetch(
        new Request('http://127.0.0.1:1/v3.fal.media/files/upload', {
          method: 'POST',
          body: 'bytes',
          headers: { authorization, 'content-type': 'text/plain', 'x-fal-file-name': 'a.txt' },
        }),
      )
    const { access_url: url } = (await (await upload(`Bearer ${token['token']}`)).json()) as {
      access_url: string
    }
    expect(await (await read(emulator, url)).text()).toBe('bytes')
    expect((await upload('Bearer made-up')).status).toBe(401)
  })

  it('uploads in parts below the URL it was given', async () => {
    const emulator = createEmulator()
    const headers = { authorization: 'Bearer x', 'x-fal-file-name': 'a.txt' }
    const send = (url: string, method: string, body: string) =>
      emulator.fetch(new Request(url, { method, body, headers }))
    const begun = await send(
      'http://127.0.0.1:8787/v3.fal.media/files/upload/multipart',
      'POST',
      '{}',
    )
    const { access_url: url, uploadId } = (await begun.json()) as Record<string, string>
    const part = await send(`${url}/multipart/${uploadId}/1`, 'PUT', 'bytes')
    const etag = part.headers.get('etag')
    const list = JSON.stringify({ parts: [{ partNumber: 1, etag }] })
    expect((await send(`${url}/multipart/${uploadId}/complete`, 'POST', list)).status).toBe(200)
    expect(await (await read(emulator, url ?? '')).text()).toBe('bytes')
  })
})
