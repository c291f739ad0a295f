// The official client with our fetch: its own samples work, and what fal-protocol §11 found does not reach a user.

import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { startByteServer, until } from '@fal-llm/testkit'
import { afterEach, expect, test, vi } from 'vitest'
import { createFalLlm } from '../../create-fal-llm.ts'

const emulators: RunningEmulator[] = []
afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()))
})
async function against() {
  const emulator = await startEmulator()
  emulators.push(emulator)
  const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret' })
  return { emulator, llm, fal: await llm.fal() }
}
const input = { prompt: '/echo Hello', model: 'google/gemini-2.5-flash' }

test('fal.subscribe, fal.queue, fal.run, fal.stream and fal.storage work beside ours', async () => {
  const { fal } = await against()
  const updates: string[] = []
  const result = await fal.subscribe('openrouter/router', {
    input,
    logs: true,
    pollInterval: 1,
    onQueueUpdate: (update) => updates.push(update.status),
  })
  expect(result.data).toMatchObject({ output: 'Hello' })
  expect(result.requestId).not.toBe('')
  expect(updates.at(-1)).toBe('COMPLETED')
  const { request_id: requestId } = await fal.queue.submit('openrouter/router', { input })
  await fal.queue.subscribeToStatus('openrouter/router', { requestId, mode: 'streaming' })
  expect((await fal.queue.result('openrouter/router', { requestId })).data).toMatchObject({
    output: 'Hello',
  })
  expect((await fal.run('openrouter/router', { input })).data).toMatchObject({ output: 'Hello' })
  const stream = await fal.stream('openrouter/router', { input })
  expect(await stream.done()).toMatchObject({ output: 'Hello' })
  expect(await fal.storage.upload(new File(['x'], 'x.txt'))).toContain('x.txt')
})

test('§11.16: a failing POST is not sent again behind anyone’s back', async () => {
  const { fal, emulator } = await against()
  emulator.faults.add({
    match: { call: ['submit', 'run'] },
    times: 99,
    handled: true,
    fault: { type: 'respond', status: 502, body: { detail: 'bad gateway' } },
  })
  await expect(fal.queue.submit('openrouter/router', { input })).rejects.toMatchObject({
    code: 'provider',
  })
  await expect(fal.run('openrouter/router', { input })).rejects.toMatchObject({
    maybeSubmitted: true,
  })
  expect(emulator.requests.map((request) => request.accepted)).toEqual(['submit', 'run'])
})

test('§11.16: nor after a reset', async () => {
  const { fal, emulator } = await against()
  emulator.faults.add({
    match: { call: 'submit' },
    times: 99,
    handled: true,
    fault: { type: 'cut', how: 'reset', beforeHead: true },
  })
  await expect(fal.queue.submit('openrouter/router', { input })).rejects.toMatchObject({
    code: 'network',
  })
  expect(emulator.requests).toHaveLength(1)
})

test('§11.17: an abort ends a call at once', async () => {
  const { fal, emulator } = await against()
  emulator.faults.add({ match: { call: 'submit' }, fault: { type: 'stall', beforeHead: true } })
  const control = new AbortController()
  const submitting = fal.queue.submit('openrouter/router', { input, abortSignal: control.signal })
  await until(() => emulator.requests.length > 0)
  control.abort()
  await expect(submitting).rejects.toMatchObject({ code: 'aborted' })
})

test('§11.25: the message is fal’s detail', async () => {
  const { fal } = await against()
  // @ts-expect-error: the model is missing
  const wrong = fal.run('openrouter/router', { input: { prompt: 'Hi' } })
  await expect(wrong).rejects.toMatchObject({
    message: expect.stringContaining('body.model'),
  })
})

test('§11.27: a look-alike host is given nothing', async () => {
  const send = vi.fn<typeof fetch>()
  const fal = await createFalLlm({ credentials: 'key:secret', fetch: send }).fal()
  await expect(fal.run('https://evilfal.ai/x', { input: {} })).rejects.toMatchObject({
    code: 'invalid-input',
  })
  await expect(fal.queue.submit('https://evil-fal.run/x', { input: {} })).rejects.toBeDefined()
  for (const [url] of send.mock.calls)
    expect(String(url)).toMatch(/^https:\/\/(queue\.)?fal\.run\//)
})

test('credentials of two clients stay apart', async () => {
  const seen: unknown[] = []
  const server = await startByteServer((answer, request) => {
    seen.push(request.headers['authorization'])
    answer.head(200, { 'content-type': 'application/json' }).write('{"output":"x"}').end()
  })
  const clients = ['a:1', 'b:2'].map((credentials) =>
    createFalLlm({ baseUrl: server.url, credentials }),
  )
  await Promise.all(
    clients.map(async (llm) => (await llm.fal()).run('openrouter/router', { input })),
  )
  expect(seen.sort()).toEqual(['Key a:1', 'Key b:2'])
  await server.close()
})

test('short-lived tokens go in the address, without a key, for run and stream', async () => {
  const { emulator } = await against()
  const asked: string[] = []
  const mint = async (endpoint: string): Promise<string> => {
    asked.push(endpoint)
    const response = await fetch(`${emulator.url}/rest.fal.ai/tokens/`, {
      method: 'POST',
      headers: { authorization: 'Key a:b', 'content-type': 'application/json' },
      body: JSON.stringify({ allowed_apps: [endpoint.split('/')[1]], token_expiration: 120 }),
    })
    return response.json() as Promise<string>
  }
  const llm = createFalLlm({ baseUrl: emulator.url, tokenProvider: mint })
  expect((await llm.generate(input)).text).toBe('Hello')
  expect(asked).toEqual(['openrouter/router/stream'])
  expect(emulator.requests.at(-1)).toMatchObject({
    call: 'stream',
    authorization: undefined,
    status: 200,
  })
})
