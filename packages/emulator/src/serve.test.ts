import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createManualClock } from '../test/manual-clock.ts'
import { readEvents } from '../test/read-events.ts'
import type { Output } from './answers/output.ts'
import { startEmulator } from './serve.ts'
import type { RunningEmulator, ServeOptions } from './serve.ts'

const running: RunningEmulator[] = []
afterEach(() => Promise.all(running.splice(0).map((emulator) => emulator.close())))

async function start(options: ServeOptions = {}): Promise<RunningEmulator> {
  const emulator = await startEmulator(options)
  running.push(emulator)
  return emulator
}

function ask(emulator: RunningEmulator, path: string, input: object, signal?: AbortSignal) {
  return fetch(`${emulator.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Key a:b', 'content-type': 'application/json' },
    body: JSON.stringify(input),
    ...(signal && { signal }),
  })
}

const streamPath = '/fal.run/fal-ai/any-llm/stream'
const runPath = '/fal.run/fal-ai/any-llm'

describe('startEmulator', () => {
  it('listens on this machine only, on a free port, and answers /health', async () => {
    const { url, port } = await start()
    expect(url).toBe(`http://127.0.0.1:${port}`)
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('leaves the process’s own Request and Response alone', async () => {
    const before = [globalThis.Request, globalThis.Response]
    await start()
    expect([globalThis.Request, globalThis.Response]).toEqual(before)
  })

  it('streams over a socket', async () => {
    const response = await ask(await start(), streamPath, { prompt: '/long 200' })
    const last = (await readEvents<Output>(response)).at(-1)
    expect(last).toMatchObject({ partial: false, error: null })
    expect(last?.output.split(/\s+/)).toHaveLength(200)
  })

  it('sends the head of a stream before its first event', async () => {
    const clock = createManualClock()
    const emulator = await start({ clock, firstTokenMs: 60_000 })
    const response = await ask(emulator, streamPath, { prompt: 'hi' })
    expect(response.status).toBe(200)
    await response.body?.cancel()
  })

  it.each([
    ['run', runPath],
    ['stream', streamPath],
  ])('stops the work of a %s when the client disconnects', async (_name, path) => {
    const clock = createManualClock()
    const emulator = await start({ clock, firstTokenMs: 60_000 })
    const abort = new AbortController()
    const asking = ask(emulator, path, { prompt: 'hi' }, abort.signal).then((response) =>
      response.text(),
    )
    const outcome = expect(asking).rejects.toThrow()
    await emulator.until(() => emulator.active === 1)
    abort.abort()
    await outcome
    await emulator.until(() => emulator.active === 0)
    expect(clock.pending).toBe(0)
  })

  it('answers fal’s own Host header', async () => {
    const { port } = await start()
    const { request } = await import('node:http')
    const status = await new Promise((resolve) => {
      const headers = {
        host: 'fal.run',
        authorization: 'Key a:b',
        'content-type': 'application/json',
      }
      request({ port, host: '127.0.0.1', path: '/fal-ai/any-llm', method: 'POST', headers })
        .on('response', (response) => {
          response.resume()
          resolve(response.statusCode)
        })
        .end('{"prompt":"hi"}')
    })
    expect(status).toBe(200)
  })

  it('hands out URLs that a caller with nothing but fetch can follow: job, upload and file', async () => {
    const emulator = await start()
    const headers = { authorization: 'Key a:b' }
    const submitted = await ask(emulator, '/queue.fal.run/fal-ai/any-llm', { prompt: '/echo hi' })
    const job = (await submitted.json()) as Record<string, string>
    await emulator.until(() => emulator.queue.kept === 1)
    expect((await fetch(job['status_url'] ?? '', { headers })).status).toBe(200)
    const result = await fetch(job['response_url'] ?? '', { headers })
    expect(await result.json()).toMatchObject({ output: 'hi' })
    const cancelled = await fetch(job['cancel_url'] ?? '', { headers, method: 'PUT' })
    expect(await cancelled.json()).toEqual({ status: 'ALREADY_COMPLETED' })
    const announced = await ask(emulator, '/rest.fal.ai/storage/upload/initiate', {
      content_type: 'text/plain',
      file_name: 'a.txt',
    })
    const file = (await announced.json()) as Record<string, string>
    await fetch(file['upload_url'] ?? '', { method: 'PUT', body: 'words' })
    expect(await (await fetch(file['file_url'] ?? '')).text()).toBe('words')
  })

  it('answers a body over the limit, and the connection stays usable', async () => {
    const emulator = await start({ maxBodyBytes: 1000 })
    expect((await ask(emulator, runPath, { prompt: 'x'.repeat(500_000) })).status).toBe(413)
    expect((await ask(emulator, runPath, { prompt: 'hi' })).status).toBe(200)
  })

  it('serves many streams at once, each whole', async () => {
    const emulator = await start()
    const outputs = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const response = await ask(emulator, streamPath, { prompt: `/echo answer ${index}` })
        return (await readEvents<Output>(response)).at(-1)?.output
      }),
    )
    expect(outputs).toEqual(Array.from({ length: 100 }, (_, index) => `answer ${index}`))
    await emulator.until(() => emulator.active === 0)
  })

  it('closes at once, whatever is being written', async () => {
    const emulator = await startEmulator({ clock: createManualClock(), firstTokenMs: 60_000 })
    const response = await ask(emulator, streamPath, { prompt: 'hi' })
    const reading = expect(response.text()).rejects.toThrow()
    await emulator.close()
    await reading
  })

  it('rule 21: names the way out when the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    // A listening TCP server has an address with a port.
    const { port } = other.address() as { port: number }
    await expect(startEmulator({ port })).rejects.toThrow(`Port ${port} is taken. Use --port 0`)
    other.close()
  })
})
