import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { afterEach, expect, test } from 'vitest'
import { createFalLlm } from '../create-fal-llm.ts'
import type { UploadProgress } from './upload.ts'

const emulators: RunningEmulator[] = []
afterEach(async () => {
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

test('a wrong field is found before a picture is sent', async () => {
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
  while (emulator.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
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
