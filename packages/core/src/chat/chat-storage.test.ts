import 'fake-indexeddb/auto'
import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defineEndpoint, endpoints } from '../endpoints/index.ts'
import { FalLlmError } from '../errors.ts'
import type { ChatOptions } from './chat.ts'
import { createChat } from './create-chat.ts'
import { indexedDbStorage } from './storage/indexed-db-storage.ts'
import type { ChatStorage } from './storage/chat-storage.ts'
import type { ChatState } from './state.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

/** A storage in memory that counts. */
function createMemory(): ChatStorage & { items: Map<string, string>; writes: number } {
  const memory = {
    items: new Map<string, string>(),
    writes: 0,
    getItem: (key: string) => memory.items.get(key) ?? null,
    setItem(key: string, value: string) {
      memory.writes += 1
      memory.items.set(key, value)
    },
    removeItem: (key: string) => memory.items.delete(key),
  }
  return memory
}
const texts = (state: ChatState): string[] => state.messages.map((message) => message.text)

function start(storage: ChatStorage, options: Partial<ChatOptions> = {}) {
  const llm = createScriptedLlm()
  const chat = createChat({ llm, flush: 'sync', id: 'chat', storage, ...options })
  return { llm, chat }
}

test('a conversation is there again after a reload, branches and all', async () => {
  const storage = createMemory()
  const { llm, chat } = start(storage)
  const sent = chat.send('Hello')
  await settled()
  llm.last.addText('one')
  llm.last.finish()
  await sent
  const again = chat.regenerate()
  await settled()
  llm.last.addText('two')
  llm.last.finish()
  await again
  chat.destroy()
  await settled()

  const { chat: reloaded } = start(storage)
  expect(reloaded.getState()).toMatchObject({ hydrated: false, messages: [] })
  reloaded.subscribe(() => {})
  await settled()
  expect(reloaded.getState().hydrated).toBe(true)
  expect(texts(reloaded.getState())).toEqual(['Hello', 'two'])
  reloaded.switchBranch(reloaded.getState().messages[1]?.id ?? '', 'previous')
  expect(texts(reloaded.getState())).toEqual(['Hello', 'one'])
})

test('rule 17: nothing is read before the first subscriber or command', async () => {
  const storage = createMemory()
  const getItem = vi.spyOn(storage, 'getItem')
  const { chat } = start(storage)
  chat.getState()
  chat.getServerState()
  await settled()
  expect(getItem).not.toHaveBeenCalled()
})

test('rule 18: a thousand deltas are at most four writes a second and one at the end', async () => {
  const storage = createMemory()
  const { llm, chat } = start(storage)
  const sent = chat.send('Hello')
  await settled()
  const before = storage.writes
  for (let count = 0; count < 1_000; count++) {
    llm.last.addText('x')
    if (count % 100 === 0) {
      await settled()
      await vi.advanceTimersByTimeAsync(100)
    }
  }
  llm.last.finish()
  await sent
  await vi.advanceTimersByTimeAsync(250)
  expect(storage.writes - before).toBeLessThanOrEqual(6)
  expect(storage.items.get('fal-llm:chat:chat')).toContain('x'.repeat(1_000))
})

test('rule 18: a full storage is reported once and breaks nothing', async () => {
  const storage = createMemory()
  storage.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError')
  }
  const onError = vi.fn()
  const { llm, chat } = start(storage, { onError })
  const sent = chat.send('Hello')
  await settled()
  await vi.advanceTimersByTimeAsync(1_000)
  llm.last.addText('Hi')
  llm.last.finish()
  expect(await sent).toMatchObject({ status: 'done', text: 'Hi' })
  await settled()
  expect(onError).toHaveBeenCalledOnce()
  expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'storage' }), undefined)
})

test('rule 18: a storage that never answers holds nobody up', async () => {
  const silent: ChatStorage = {
    getItem: () => null,
    setItem: () => new Promise(() => {}),
    removeItem() {},
  }
  const { llm, chat } = start(silent, { mode: 'durable' })
  const sent = chat.send('Hello')
  for (let count = 0; count < 3; count++) {
    await settled()
    await vi.advanceTimersByTimeAsync(2_000)
  }
  llm.last.addText('Hi')
  llm.last.finish()
  expect(await sent).toMatchObject({ status: 'done' })
})

test('rule 18: an entry that cannot be read is set aside under another name', async () => {
  const storage = createMemory()
  storage.items.set('fal-llm:chat:chat', 'from the future')
  const onError = vi.fn()
  const { llm, chat } = start(storage, { onError })
  const sent = chat.send('Hello')
  await settled()
  llm.last.finish()
  await sent
  await settled()
  const aside = [...storage.items].find(([key]) => key.includes('unreadable'))
  expect(aside?.[1]).toBe('from the future')
  expect(storage.items.get('fal-llm:chat:chat')).toContain('Hello')
  expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'storage' }), undefined)
})

test('rule 18: what cannot be read now is not written over', async () => {
  const storage = createMemory()
  storage.items.set('fal-llm:chat:chat', 'still there')
  storage.getItem = () => {
    throw new Error('locked')
  }
  const { llm, chat } = start(storage)
  const sent = chat.send('Hello')
  await settled()
  llm.last.finish()
  await sent
  await vi.advanceTimersByTimeAsync(1_000)
  expect(storage.items.get('fal-llm:chat:chat')).toBe('still there')
})

test('rule 5: the words of an answer that was being written are there after a reload', async () => {
  const storage = createMemory()
  const { llm, chat } = start(storage, { flush: 'frame' })
  void chat.send('Hello')
  await settled()
  llm.last.addText('half an ')
  llm.last.addText('answer')
  await settled()
  await vi.advanceTimersByTimeAsync(300)
  const { chat: reloaded } = start(storage)
  await reloaded.resume()
  const answer = reloaded.getState().messages[1]
  expect(answer).toMatchObject({ text: 'half an answer', status: 'interrupted' })
  expect(answer?.error?.code).toBe('interrupted')
})

test('what waits survives a reload', async () => {
  const storage = createMemory()
  const { chat } = start(storage)
  void chat.send('One')
  void chat.send('Two')
  await settled()
  await vi.advanceTimersByTimeAsync(300)
  const { llm, chat: reloaded } = start(storage)
  await reloaded.resume()
  expect(reloaded.getState().queued.map((send) => send.text)).toEqual(['Two'])
  expect(reloaded.getState().messages[1]?.status).toBe('interrupted')
  void reloaded.sendQueuedNow(reloaded.getState().queued[0]?.id ?? '')
  await settled()
  expect(llm.last.request.prompt).toContain('Two')
})

test('what waits is asked after a reload as it was to be asked, by an own endpoint too', async () => {
  const storage = createMemory()
  const own = defineEndpoint({ ...endpoints['openrouter/router'], id: 'me/my-llm' })
  const { chat } = start(storage, { endpoint: own })
  void chat.send('One')
  void chat.send(
    { text: 'Two', metadata: { from: 'a form' } },
    { endpoint: own, model: 'mine', system: 'Be brief' },
  )
  void chat.send('Three', {
    endpoint: 'fal-ai/any-llm',
    model: 'openai/gpt-4o',
    params: { reasoning: true },
  })
  await settled()
  await vi.advanceTimersByTimeAsync(300)
  const { llm, chat: reloaded } = start(storage, { endpoint: own })
  await reloaded.resume()
  const [two, three] = reloaded.getState().queued.map((send) => send.id)
  void reloaded.sendQueuedNow(two ?? '')
  await settled()
  expect(llm.last.request).toMatchObject({ endpoint: own, model: 'mine' })
  expect(llm.last.request.system).toContain('Be brief')
  expect(reloaded.getState().messages.at(-2)?.metadata).toEqual({ from: 'a form' })
  llm.last.finish()
  await settled()
  expect(llm.calls).toHaveLength(2)
  expect(llm.last.request).toMatchObject({ model: 'openai/gpt-4o', params: { reasoning: true } })
  expect(llm.last.request.endpoint).toMatchObject({ id: 'fal-ai/any-llm' })
  expect(three).toBeDefined()
})

test('a retry after a reload asks the endpoint and the model that failed', async () => {
  const storage = createMemory()
  const { llm: before, chat } = start(storage)
  const sent = chat.send('One', { endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o' })
  await settled()
  before.last.fail(new FalLlmError('overloaded', 'busy', { retryable: true }))
  await sent
  chat.destroy()
  await settled()
  const { llm, chat: reloaded } = start(storage)
  void reloaded.retry()
  await settled()
  await settled()
  expect(llm.last.request.endpoint).toMatchObject({ id: 'fal-ai/any-llm' })
  expect(llm.last.request.model).toBe('openai/gpt-4o')
})

test('rule 19: the request id is stored before anything says queued', async () => {
  const storage = createMemory()
  const { llm, chat } = start(storage, { mode: 'durable' })
  const seen: string[] = []
  chat.subscribe((state) => {
    if (state.status === 'queued') seen.push(storage.items.get('fal-llm:chat:chat') ?? '')
  })
  const sent = chat.send('Hello')
  await settled()
  await settled()
  expect(seen[0]).toContain('"requestId":"request-1"')
  llm.last.emit({ type: 'queue-update', requestId: 'request-1', status: 'IN_PROGRESS', logs: [] })
  llm.last.addText('the answer')
  llm.last.finish()
  expect(await sent).toMatchObject({ status: 'done', text: 'the answer' })
  await vi.advanceTimersByTimeAsync(250)
  expect(storage.items.get('fal-llm:chat:chat')).not.toContain('"job"')
})

test('rule 19: a durable answer is re-joined after a reload, once, into the same message', async () => {
  const storage = createMemory()
  const { chat } = start(storage, { mode: 'durable' })
  void chat.send('Hello')
  await settled()
  await settled()
  const answerId = chat.getState().messages[1]?.id

  const { llm, chat: reloaded } = start(storage)
  reloaded.subscribe(() => {})
  const resumed = Promise.all([reloaded.resume(), reloaded.resume()])
  await settled()
  expect(llm.calls).toHaveLength(1)
  expect(llm.last.request.prompt).toBe('attach request-1')
  expect(reloaded.getState()).toMatchObject({ status: 'queued', isBusy: true })
  llm.last.addText('late answer')
  llm.last.finish()
  const [answer] = await resumed
  expect(answer).toMatchObject({ id: answerId, status: 'done', text: 'late answer' })
  expect(texts(reloaded.getState())).toEqual(['Hello', 'late answer'])
  expect(await reloaded.resume()).toBeUndefined()
})

test('a durable answer whose connection is lost keeps its job, and goes on when the page wakes', async () => {
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  const { llm, chat } = start(createMemory(), { mode: 'durable' })
  chat.subscribe(() => {})
  const sent = chat.send('Hello')
  await settled()
  await settled()
  llm.last.fail(new FalLlmError('network', 'offline', { retryable: true }))
  expect(await sent).toMatchObject({ status: 'interrupted' })
  page.dispatchEvent(new Event('online'))
  await settled()
  expect(llm.calls).toHaveLength(2)
  llm.last.addText('after all')
  llm.last.finish()
  await settled()
  expect(chat.getState().messages[1]).toMatchObject({ status: 'done', text: 'after all' })
  chat.destroy()
  vi.unstubAllGlobals()
})

test('a durable answer that fal has forgotten ends as interrupted, with what to do', async () => {
  const { llm, chat } = start(createMemory(), { mode: 'durable' })
  const sent = chat.send('Hello')
  await settled()
  await settled()
  llm.last.fail(new FalLlmError('not-found', 'no such request', { status: 404 }))
  expect(await sent).toMatchObject({
    status: 'interrupted',
    error: { message: expect.stringContaining('Retry') },
  })
  expect(await chat.resume()).toBeUndefined()
})

test('detach leaves the job, stop does not', async () => {
  const storage = createMemory()
  const { llm, chat } = start(storage, { mode: 'durable' })
  const sent = chat.send('Hello')
  await settled()
  await settled()
  chat.detach()
  expect(await sent).toMatchObject({ status: 'interrupted', error: undefined })
  expect(llm.last.state).toBe('detached')
  void chat.resume()
  await settled()
  expect(llm.calls).toHaveLength(2)
  await chat.stop()
  expect(chat.getState().messages[1]).toMatchObject({ status: 'stopped' })
  expect(await chat.resume()).toBeUndefined()
})

test('images are uploaded once, shown as uploading, and stored as URLs', async () => {
  const storage = createMemory()
  const { llm, chat } = start(storage, { endpoint: 'openrouter/router/vision' })
  const upload = vi.spyOn(llm, 'upload')
  const seen: string[] = []
  chat.subscribe((state) => seen.push(state.status))
  const sent = chat.send({
    text: 'What is it?',
    images: [new Blob(['1234']), 'https://x/y.png', 'data:image/png;base64,AAAA'],
  })
  await settled()
  await vi.waitFor(() => expect(llm.calls).toHaveLength(1))
  expect(seen).toContain('uploading')
  expect(llm.last.request.images).toEqual([
    'https://v3.fal.media/files/4',
    'https://x/y.png',
    'https://v3.fal.media/files/3',
  ])
  llm.last.addText('An image')
  llm.last.finish()
  await sent
  await settled()
  expect(upload).toHaveBeenCalledTimes(2)
  expect(storage.items.get('fal-llm:chat:chat')).not.toContain('base64')
})

test('IndexedDB keeps a conversation as well', async () => {
  vi.useRealTimers()
  const { llm, chat } = start(indexedDbStorage({ name: 'test' }))
  const sent = chat.send('Hello')
  await vi.waitFor(() => expect(llm.calls).toHaveLength(1))
  llm.last.addText('Hi')
  llm.last.finish()
  await sent
  chat.destroy()
  const { chat: reloaded } = start(indexedDbStorage({ name: 'test' }))
  await vi.waitFor(async () => {
    await reloaded.resume()
    expect(texts(reloaded.getState())).toEqual(['Hello', 'Hi'])
  })
})
