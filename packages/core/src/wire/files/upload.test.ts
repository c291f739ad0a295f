import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { createManualClock, startByteServer, until } from '@fal-llm/testkit'
import type { Answer, ByteServer } from '@fal-llm/testkit'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'
import type { FalLlmOptions } from '../../generate/fal-llm.ts'
import { defineEndpoint, endpoints } from '../../endpoints/index.ts'
import { FalLlmError } from '../../errors.ts'
import { replaceFiles } from './file-data.ts'
import type { FileData } from './file-data.ts'
import type { UploadProgress } from './upload.ts'

const emulators: (RunningEmulator | ByteServer)[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()))
})
async function against() {
  const emulator = await startEmulator()
  emulators.push(emulator)
  const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret' })
  return { emulator, llm }
}
/** Reads a file back from where it is said to be. */
async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url)
  return new Uint8Array(await response.arrayBuffer())
}
const file = new File(['Hello, World!'], 'hello.txt', { type: 'text/plain' })

test('a file is sent to storage and can be read back; its bytes go without the key', async () => {
  const { emulator, llm } = await against()
  const progress: UploadProgress[] = []
  const url = await llm.upload(file, {
    onProgress: (now) => progress.push(now),
    lifecycle: { expiresIn: '1h' },
  })
  expect(url).toMatch(/\/v3\.fal\.media\/files\/.*hello\.txt$/)
  expect(new TextDecoder().decode(await download(url))).toBe('Hello, World!')
  expect(progress).toEqual([
    { loadedBytes: 0, totalBytes: 13 },
    { loadedBytes: 13, totalBytes: 13 },
  ])
  const [initiate, put] = emulator.requests
  expect(initiate).toMatchObject({ host: 'rest.fal.ai', authorization: 'Key' })
  expect(initiate?.headers['x-fal-object-lifecycle']).toContain('3600')
  expect(put).toMatchObject({ method: 'PUT', authorization: undefined })
})

test('the same Blob is sent once, however often it is given as an image', async () => {
  const { emulator, llm } = await against()
  const ask = () =>
    llm.generate({
      endpoint: 'openrouter/router/vision',
      model: 'google/gemini-2.5-flash',
      prompt: 'What?',
      images: [file, 'https://x/y.png'],
    })
  await Promise.all([ask(), ask(), llm.upload(file)])
  await ask()
  expect(emulator.requests.filter((request) => request.method === 'PUT')).toHaveLength(1)
  const asked = emulator.requests.find((request) => request.call === 'stream')
  expect(asked?.body).toMatchObject({ image_urls: [await llm.upload(file), 'https://x/y.png'] })
})

test('a wrong field is found before an image is sent', async () => {
  const { emulator, llm } = await against()
  const params = { temperature: 9 }
  const run = llm.generate({
    endpoint: 'openrouter/router/vision',
    model: 'a/b',
    prompt: 'What?',
    images: [file],
    params,
  })
  await expect(Promise.resolve(run)).rejects.toMatchObject({ code: 'invalid-input' })
  expect(emulator.requests).toHaveLength(0)
})

test('a large file goes in parts of 10 MiB; a part that fails is sent again', async () => {
  const { emulator, llm } = await against()
  emulator.faults.add({
    match: { call: 'upload', path: '/2' },
    times: 1,
    fault: { type: 'respond', status: 503 },
  })
  const size = 91 * 1024 * 1024
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 4_096) bytes[at] = at % 251
  const progress: number[] = []
  const url = await llm.upload(new Blob([bytes]), {
    onProgress: ({ loadedBytes }) => progress.push(loadedBytes),
  })
  expect(Buffer.compare(await download(url), bytes)).toBe(0)
  expect(progress).toHaveLength(11)
  expect(progress.at(-1)).toBe(size)
}, 20_000)

test('an upload that is stopped settles at once, and can be tried again', async () => {
  const { emulator, llm } = await against()
  emulator.faults.add({ match: { call: 'upload' }, fault: { type: 'stall', beforeHead: true } })
  const control = new AbortController()
  const other = new File(['x'], 'x.txt')
  const stopped = llm.upload(other, { signal: control.signal })
  await until(() => emulator.requests.length > 0)
  control.abort()
  await expect(stopped).rejects.toMatchObject({ code: 'aborted' })
  expect(await llm.upload(other)).toContain('x.txt')
  await expect(llm.upload(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'aborted',
  })
})

test('a storage that refuses the file is an error with its status', async () => {
  const { emulator, llm } = await against()
  emulator.faults.add({
    match: { call: 'upload', path: /upload(?!\/initiate)|files/ },
    times: 9,
    fault: { type: 'respond', status: 507 },
  })
  await expect(llm.upload(new File(['y'], 'y.txt'))).rejects.toMatchObject({ status: 507 })
  // @ts-expect-error: the type system refuses it already
  await expect(llm.upload('a path')).rejects.toMatchObject({ code: 'invalid-input' })
})

const json = { 'content-type': 'application/json' }
type Put = (answer: Answer, count: number, path: string) => void

/** A storage whose PUTs are scripted; the rest goes well. */
async function storage(put: Put, options: FalLlmOptions = {}, initiated: object = {}) {
  const puts: string[] = []
  const server = await startByteServer((answer, { method, path }) => {
    if (method === 'PUT') return put(answer, puts.push(path), path)
    const urls = {
      upload_url: 'https://v3.fal.media/up/1?sig=1',
      file_url: 'https://v3.fal.media/files/1',
    }
    answer
      .head(200, json)
      .write(JSON.stringify({ ...urls, ...initiated }))
      .end()
  })
  emulators.push(server)
  const clock = createManualClock()
  const llm = createFalLlm({ baseUrl: server.url, credentials: 'key:secret', clock, ...options })
  return { server, clock, llm, puts }
}
const takes: Put = (answer) => answer.head(200, json).write('{"partNumber":1,"etag":"e"}').end()
const failureOf = (work: PromiseLike<unknown>): Promise<FalLlmError> =>
  Promise.resolve(work).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => (error instanceof FalLlmError ? error : Promise.reject(error)),
  )
const large = new Blob([new Uint8Array(91 * 1024 * 1024)])

test('the same Blob in two calls: one transfer, progress to both, and stopping one leaves the other', async () => {
  const held: Answer[] = []
  const { llm, server, puts } = await storage((answer) => void held.push(answer))
  const control = new AbortController()
  const heard: UploadProgress[][] = [[], []]
  const [first, second] = heard.map((list, index) =>
    llm.upload(file, {
      onProgress: (now) => list.push(now),
      ...(index === 0 && { signal: control.signal }),
    }),
  ) as [Promise<string>, Promise<string>]
  const put = await server.request(2)
  const stopped = failureOf(first)
  control.abort()
  expect((await stopped).code).toBe('aborted')
  for (const answer of held) takes(answer, 1, '')
  expect(await second).toBe('https://v3.fal.media/files/1')
  expect(puts).toHaveLength(1)
  expect(heard).toEqual([
    [{ loadedBytes: 0, totalBytes: 13 }],
    [
      { loadedBytes: 0, totalBytes: 13 },
      { loadedBytes: 13, totalBytes: 13 },
    ],
  ])
  expect(put.method).toBe('PUT')
})

test('stopping the last of them closes the connection, and the next call sends anew', async () => {
  const { llm, server, puts } = await storage((answer, count, path) =>
    count > 1 ? takes(answer, count, path) : undefined,
  )
  const controls = [new AbortController(), new AbortController()]
  const stopped = controls.map(({ signal }) => failureOf(llm.upload(file, { signal })))
  const put = await server.request(2)
  for (const control of controls) control.abort()
  expect((await Promise.all(stopped)).map(({ code }) => code)).toEqual(['aborted', 'aborted'])
  await put.closed
  expect(await llm.upload(file)).toBe('https://v3.fal.media/files/1')
  expect(puts).toHaveLength(2)
})

test('who comes late to a file that is there hears its whole size; another lifecycle is another upload', async () => {
  const { llm, puts } = await storage(takes)
  await llm.upload(file)
  const heard: UploadProgress[] = []
  await llm.upload(file, { onProgress: (now) => heard.push(now) })
  expect(heard).toEqual([{ loadedBytes: 13, totalBytes: 13 }])
  expect(puts).toHaveLength(1)
  await llm.upload(file, { lifecycle: { expiresIn: '1h' } })
  expect(puts).toHaveLength(2)
})

test('a progress listener that throws ends nothing', async () => {
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { llm } = await storage(takes)
  const onProgress = (): never => {
    throw new Error('mine')
  }
  expect(await llm.upload(file, { onProgress })).toBe('https://v3.fal.media/files/1')
  expect(reported).toHaveBeenCalledTimes(2)
})

test.each([
  ['no file_url', { file_url: undefined }],
  ['a file_url that is no address', { file_url: 'nowhere' }],
  ['no upload_url', { upload_url: undefined }],
  ['an upload_url that is no address', { upload_url: 'ftp://x/y' }],
])('%s is an error of fal’s storage, not a file', async (_name, initiated) => {
  for (const blob of [file, large]) {
    const { llm } = await storage(takes, {}, initiated)
    expect((await failureOf(llm.upload(blob))).code).toBe('provider')
  }
})

test.each<[string, Put]>([
  ['503', (answer) => answer.head(503).end()],
  ['500', (answer) => answer.head(500).end()],
  ['a reset', (answer) => answer.reset()],
])(
  'a pre-signed PUT that met %s is repeated, at most twice, and not with retry: false',
  async (_name, fails) => {
    const once = await storage(
      (answer, count, path) => (count === 1 ? fails : takes)(answer, count, path),
      { retry: { baseDelayMs: 0 } },
    )
    const uploading = once.llm.upload(file)
    once.clock.advance(await once.clock.untilTimer((delayMs) => delayMs === 0))
    expect(await uploading).toBe('https://v3.fal.media/files/1')
    expect(once.puts).toHaveLength(2)
    const never = await storage(fails, { retry: false })
    const error = await failureOf(never.llm.upload(file))
    expect(['network', 'provider']).toContain(error.code)
    expect(error.retryable).toBe(true)
    expect(never.puts).toHaveLength(1)
  },
)

test('a refused PUT is not repeated; Retry-After is obeyed', async () => {
  const refused = await storage((answer) => answer.head(403).end())
  expect(await failureOf(refused.llm.upload(file))).toMatchObject({ status: 403 })
  expect(refused.puts).toHaveLength(1)
  const busy = await storage((answer, count, path) =>
    count === 1 ? answer.head(503, { 'retry-after': '7' }).end() : takes(answer, count, path),
  )
  const uploading = busy.llm.upload(file)
  const waits = (delayMs: number): boolean => delayMs >= 7_000 && delayMs < 8_000
  busy.clock.advance(await busy.clock.untilTimer(waits))
  await uploading
})

test.each([403, 500])(
  'a multipart upload that meets HTTP %i is a FalLlmError with the status',
  async (status) => {
    const { llm, puts } = await storage((answer) => answer.head(status).end(), { retry: false })
    const error = await failureOf(llm.upload(large))
    expect(error).toMatchObject({ code: 'provider', status })
    // The client's own retries are gone here, too.
    expect(puts).toHaveLength(1)
  },
)

test.each<[string, () => Blob, number]>([
  ['a file', () => file, 30_000],
  ['10 MiB', () => new Blob([new Uint8Array(10 * 1024 * 1024)]), 190_000],
  ['a part of 10 MiB', () => large, 190_000],
])(
  'a PUT of %s that stalls is a timeout, after as long as a slow line takes',
  async (_name, make, limitMs) => {
    const { llm, clock, server } = await storage(() => {})
    const failing = failureOf(llm.upload(make()))
    await server.request(2)
    const delayMs = await clock.untilTimer((wait) => wait >= limitMs && wait < limitMs + 1)
    clock.advance(delayMs - 1)
    clock.advance(1)
    expect(await failing).toMatchObject({ code: 'timeout', retryable: true })
  },
)

test.each<[string, (bytes: Uint8Array<ArrayBuffer>) => FileData]>([
  ['Uint8Array', (bytes) => bytes],
  ['ArrayBuffer', (bytes) => bytes.slice().buffer],
  ['a view of a part', (bytes) => new DataView(new Uint8Array([0, ...bytes, 0]).buffer, 1, 13)],
  ['Buffer', (bytes) => Buffer.from(bytes)],
  ['Blob', (bytes) => new Blob([bytes])],
])(
  '%s is taken wherever a file is: by upload, among the images, inside params',
  async (_name, make) => {
    const { emulator, llm } = await against()
    const data = make(new TextEncoder().encode('Hello, World!'))
    const url = await llm.upload(data)
    expect(new TextDecoder().decode(await download(url))).toBe('Hello, World!')
    const request = { model: 'google/gemini-2.5-flash', prompt: 'What?' } as const
    await llm.generate({ ...request, endpoint: 'openrouter/router/vision', images: [data] })
    const asked = () => emulator.requests.findLast(({ call }) => call === 'stream')?.body
    expect(asked()).toMatchObject({ image_urls: [url] })
    const params = { imageUrls: [data], more: { nested: [{ file: data }] } }
    const anything = {
      '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
    } as const
    const custom = defineEndpoint({ ...endpoints['openrouter/router/vision'], input: anything })
    await llm.generate({ ...request, endpoint: custom, params })
    expect(asked()).toMatchObject({ image_urls: [url], more: { nested: [{ file: url }] } })
    expect(emulator.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1)
  },
)

test('what holds no file is left alone: the same object, whatever it is', () => {
  const cyclic: Record<string, unknown> = { a: 1 }
  cyclic['self'] = cyclic
  const throwing = {
    get boom(): never {
      throw new Error('no')
    },
  }
  const replace = vi.fn()
  for (const value of [cyclic, throwing, new Date(0), new Map(), null, 'x', 5n]) {
    expect(replaceFiles(value, replace)).toBe(value)
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(replaceFiles(value, replace)).toBe(value)
    }),
  )
  expect(replace).not.toHaveBeenCalled()
})
