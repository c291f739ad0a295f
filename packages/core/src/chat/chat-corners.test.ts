// The corners: two commands in one tick, a crash between two writes, a storage that hangs, two tabs on one conversation.

import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FalLlmError } from '../errors.ts'
import type { Chat, ChatOptions } from './chat.ts'
import { createChat } from './create-chat.ts'
import { readChat } from './storage/read-chat.ts'
import type { ChatStorage } from './storage/chat-storage.ts'
import type { ChatState } from './state.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

/** Time passes, and everything that is due happens. */
const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms)
  await settled()
}
const texts = (state: ChatState): string[] => state.messages.map((message) => message.text)
const network = new FalLlmError('network', 'offline', { retryable: true })
const refused = new FalLlmError('invalid-input', 'no', { status: 422 })

interface Memory extends ChatStorage {
  readonly items: Map<string, string>
  /** What `getItem` and `setItem` wait for. */
  gate: Promise<unknown> | undefined
  broken: boolean
}
function createMemory(): Memory {
  const items = new Map<string, string>()
  const memory: Memory = {
    items,
    gate: undefined,
    broken: false,
    getItem(key) {
      if (memory.broken) throw new Error('blocked')
      const item = (): string | null => items.get(key) ?? null
      return memory.gate ? memory.gate.then(item) : item()
    },
    setItem(key, value) {
      if (memory.broken) throw new Error('full')
      const write = (): void => void items.set(key, value)
      return memory.gate ? memory.gate.then(write) : write()
    },
    removeItem: (key) => items.delete(key),
  }
  return memory
}
function start(options: Partial<ChatOptions> = {}) {
  const llm = createScriptedLlm()
  const cancel = vi.spyOn(llm, 'cancel')
  const submit = vi.spyOn(llm, 'submit')
  const chat = createChat({ llm, flush: 'sync', id: 'chat', ...options })
  return { llm, chat, cancel, submit }
}
/** A durable chat whose first answer is queued at fal. */
async function startQueued(storage = createMemory()) {
  const started = start({ storage, mode: 'durable' })
  const sent = started.chat.send('One')
  await settled()
  expect(started.chat.getState().status).toBe('queued')
  return { ...started, sent, storage }
}
const idOf = (chat: Chat, text: string): string => {
  const message = chat.getState().messages.find((one) => one.text === text)
  if (!message) throw new Error(`No message says "${text}"`)
  return message.id
}

describe('rule 22: a durable answer is never lost to a later one', () => {
  test('crash, reopen, send first', async () => {
    const { storage } = await startQueued()
    const { llm, chat, submit } = start({ storage, mode: 'durable' })
    const sent = chat.send('Two')
    await settled()
    expect(llm.last.request.prompt).toBe('attach request-1')
    llm.last.addText('the first answer')
    llm.last.finish()
    await settled()
    expect(submit).toHaveBeenCalledOnce()
    expect(JSON.stringify(submit.mock.calls[0])).toContain('the first answer')
    llm.last.addText('the second')
    llm.last.finish()
    await sent
    expect(texts(chat.getState())).toEqual(['One', 'the first answer', 'Two', 'the second'])
  })

  test('detach, then send: the job waits for resume, and is found again', async () => {
    const { llm, chat, sent, storage, cancel } = await startQueued()
    chat.detach()
    expect(await sent).toMatchObject({ status: 'interrupted', job: { requestId: 'request-1' } })
    expect(chat.getState()).toMatchObject({ status: 'ready', error: undefined })
    void chat.send('Two')
    await settled()
    expect(llm.calls.map(({ request }) => request.prompt)).not.toContain('attach request-1 again')
    llm.last.addText('the second')
    llm.last.finish()
    await pass(300)
    const callsBefore = llm.calls.length
    void chat.resume()
    await settled()
    expect(llm.calls).toHaveLength(callsBefore + 1)
    expect(llm.last.request.prompt).toBe('attach request-1')
    llm.last.addText('the first')
    llm.last.finish()
    await pass(300)
    expect(texts(chat.getState())).toEqual(['One', 'the first', 'Two', 'the second'])
    expect(cancel).not.toHaveBeenCalled()
    expect([...storage.items.values()].join('')).not.toContain('"job"')
  })

  test('cut by the network, then send: the job is followed again, and the send comes after it', async () => {
    const { llm, chat, sent, submit } = await startQueued()
    llm.last.fail(network)
    expect(await sent).toMatchObject({ status: 'interrupted', job: { requestId: 'request-1' } })
    void chat.send('Two')
    await settled()
    expect(submit).toHaveBeenCalledOnce()
    expect(llm.last.request.prompt).toBe('attach request-1')
    llm.last.addText('the first')
    llm.last.finish()
    await settled()
    expect(submit).toHaveBeenCalledTimes(2)
  })

  test('retry fetches what fal still has, and pays for nothing', async () => {
    const { llm, chat, sent, submit } = await startQueued()
    llm.last.fail(network)
    await sent
    const retried = chat.retry()
    await settled()
    llm.last.addText('after all')
    llm.last.finish()
    expect(await retried).toMatchObject({ text: 'after all', branch: { count: 1 } })
    expect(submit).toHaveBeenCalledOnce()
  })
})

describe('rule 23: every promise settles', () => {
  test('stop and send in one tick: the send is sent', async () => {
    const { llm, chat } = start()
    const first = chat.send('a')
    await settled()
    void chat.stop()
    const second = chat.send('b')
    expect(await first).toMatchObject({ status: 'stopped' })
    await settled()
    llm.last.addText('answer to b')
    llm.last.finish()
    expect(await second).toMatchObject({ status: 'done', text: 'answer to b' })
  })

  test('stop settles in its own tick, whatever the client does', async () => {
    const { llm, chat } = start()
    vi.spyOn(llm, 'generate').mockReturnValue({
      ...llm.attach({ endpoint: 'openrouter/router', requestId: 'x' }),
      stop: () => new Promise(() => {}),
    })
    const sent = chat.send('a')
    await settled()
    await chat.stop()
    expect(chat.getState()).toMatchObject({ status: 'ready', isBusy: false })
    expect(await sent).toMatchObject({ status: 'stopped' })
  })

  test('rule 24: after destroy nothing is asked, and every open promise is cancelled', async () => {
    const { llm, chat } = start()
    const first = chat.send('a')
    const second = chat.send('b')
    const again = chat.regenerate()
    chat.destroy()
    for (const promise of [first, second, again, chat.send('c'), chat.regenerate()]) {
      await expect(promise).rejects.toMatchObject({ code: 'cancelled' })
    }
    await settled()
    expect(llm.calls).toHaveLength(0)
    await chat.stop()
    expect(() => chat.append({ role: 'user', text: 'd' })).toThrow(/destroyed/)
  })

  test('what waits behind a stop waits for a person, and goes first with the next send', async () => {
    const { llm, chat } = start()
    void chat.send('a')
    const waiting = chat.send('b')
    await settled()
    await chat.stop()
    expect(chat.getState()).toMatchObject({ paused: true, queued: [{ text: 'b' }] })
    const next = chat.send('c')
    await settled()
    expect(chat.getState()).toMatchObject({ paused: false, queued: [{ text: 'c' }] })
    llm.last.finish()
    expect(await waiting).toMatchObject({ status: 'done' })
    await settled()
    llm.last.finish()
    expect(await next).toMatchObject({ status: 'done' })
    expect(texts(chat.getState()).filter(Boolean)).toEqual(['a', 'b', 'c'])
  })

  test('a double regenerate in one tick is one answer', async () => {
    const { llm, chat } = start()
    const sent = chat.send('a')
    await settled()
    llm.last.finish()
    await sent
    const [one, two] = [chat.regenerate(), chat.regenerate()]
    await settled()
    llm.last.addText('again')
    llm.last.finish()
    expect(await one).toBe(await two)
    expect(llm.calls).toHaveLength(2)
    // A different wish is another answer.
    const [three, four] = [chat.regenerate(), chat.regenerate({ model: 'another/model' })]
    await settled()
    llm.last.finish()
    await three
    await settled()
    llm.last.finish()
    expect((await four).id).not.toBe((await three).id)
  })
})

describe('rule 25: a storage is never written over unread', () => {
  const conversation = async (): Promise<Memory> => {
    const storage = createMemory()
    const { llm, chat } = start({ storage })
    const sent = chat.send('stored')
    await settled()
    llm.last.addText('earlier')
    llm.last.finish()
    await sent
    chat.destroy()
    await pass(300)
    return storage
  }

  test('a storage given late is read, and what was said stands below what it holds', async () => {
    const storage = await conversation()
    const { llm, chat } = start()
    const sent = chat.send('said before')
    await settled()
    llm.last.addText('answered')
    llm.last.finish()
    await sent
    chat.setOptions({ storage })
    await chat.resume()
    await pass(300)
    expect(texts(chat.getState())).toEqual(['stored', 'earlier', 'said before', 'answered'])
    const { chat: reopened } = start({ storage })
    await reopened.resume()
    expect(texts(reopened.getState())).toEqual(['stored', 'earlier', 'said before', 'answered'])
  })

  test('a storage that never answers does not stop the chat, and the state says so', async () => {
    const storage = createMemory()
    storage.gate = new Promise(() => {})
    const onError = vi.fn()
    const { llm, chat } = start({ storage, onError })
    const sent = chat.send('Hello')
    await settled()
    expect(chat.getState()).toMatchObject({
      status: 'loading',
      isBusy: false,
      canStop: false,
      canSend: true,
      queued: [{ text: 'Hello' }],
    })
    await pass(2_100)
    expect(chat.getState()).toMatchObject({ status: 'submitted', storage: 'failed' })
    llm.last.addText('Hi')
    llm.last.finish()
    await sent
    await pass(5_000)
    expect(chat.getState()).toMatchObject({ status: 'ready', storage: 'failed' })
    expect(texts(chat.getState())).toEqual(['Hello', 'Hi'])
  })

  test('a read that fails once ends nothing: it is tried again, and then everything is stored', async () => {
    const storage = await conversation()
    storage.broken = true
    const { llm, chat } = start({ storage })
    const sent = chat.send('Hello')
    await settled()
    llm.last.addText('Hi')
    llm.last.finish()
    await sent
    expect(chat.getState()).toMatchObject({ storage: 'failed', hydrated: true })
    storage.broken = false
    void chat.send('And?')
    await pass(300)
    llm.last.finish()
    await pass(300)
    expect(chat.getState()).toMatchObject({ storage: 'ok' })
    const { chat: reopened } = start({ storage })
    await reopened.resume()
    expect(texts(reopened.getState()).slice(0, 5)).toEqual([
      'stored',
      'earlier',
      'Hello',
      'Hi',
      'And?',
    ])
  })

  test('two chats on one conversation: every turn of each is there afterwards', async () => {
    const storage = await conversation()
    const [left, right] = [start({ storage }), start({ storage })]
    await Promise.all([left.chat.resume(), right.chat.resume()])
    void left.chat.send('from the left')
    void right.chat.send('from the right')
    await settled()
    left.llm.last.addText('left answer')
    right.llm.last.addText('right answer')
    left.llm.last.finish()
    right.llm.last.finish()
    await pass(600)
    const { chat } = start({ storage })
    await chat.resume()
    const all = JSON.stringify(chat.toJSON())
    for (const text of [
      'stored',
      'from the left',
      'from the right',
      'left answer',
      'right answer',
    ]) {
      expect(all).toContain(text)
    }
  })

  test('messages given beside a storage that holds the conversation are not used', async () => {
    const storage = await conversation()
    const { chat } = start({ storage, messages: [{ role: 'assistant', text: 'Welcome' }] })
    await chat.resume()
    expect(texts(chat.getState())).toEqual(['stored', 'earlier'])
    const { chat: fresh } = start({
      storage: createMemory(),
      messages: [{ role: 'assistant', text: 'Welcome' }],
    })
    await fresh.resume()
    expect(texts(fresh.getState())).toEqual(['Welcome'])
  })

  test('clear before the storage was read clears what it holds; a send after it is kept', async () => {
    const storage = await conversation()
    const { llm, chat } = start({ storage })
    chat.clear()
    const sent = chat.send('new')
    await settled()
    llm.last.addText('answer')
    llm.last.finish()
    await sent
    await pass(300)
    expect(texts(chat.getState())).toEqual(['new', 'answer'])
    const { chat: reopened } = start({ storage })
    await reopened.resume()
    expect(texts(reopened.getState())).toEqual(['new', 'answer'])
  })

  test('setMessages with a function is given what is stored', async () => {
    const storage = await conversation()
    const { chat } = start({ storage })
    chat.setMessages((current) => current.slice(0, 1))
    await chat.resume()
    await settled()
    expect(texts(chat.getState())).toEqual(['stored'])
  })
})

describe('a crash at any moment', () => {
  test('between the end of an answer and its storage: the job is joined again', async () => {
    const { llm, chat, storage, sent } = await startQueued()
    llm.last.addText('paid for')
    const frozen = new Map(storage.items)
    llm.last.finish()
    await sent
    // What was written after the ending is gone with the machine.
    storage.items.clear()
    for (const [key, item] of frozen) storage.items.set(key, item)
    expect(texts(chat.getState())).toEqual(['One', 'paid for'])
    const reopened = start({ storage, mode: 'durable' })
    void reopened.chat.retry()
    await settled()
    expect(reopened.submit).not.toHaveBeenCalled()
    expect(reopened.llm.last.request.prompt).toBe('attach request-1')
  })

  test('before the id of a job could be stored: interrupted, maybe submitted, a person decides', async () => {
    const storage = createMemory()
    const { llm, chat } = start({ storage, mode: 'durable' })
    vi.spyOn(llm, 'submit').mockReturnValue(new Promise(() => {}))
    void chat.send('One')
    await pass(300)
    const reopened = start({ storage, mode: 'durable' })
    reopened.chat.subscribe(() => {})
    await settled()
    expect(reopened.submit).not.toHaveBeenCalled()
    expect(reopened.chat.getState().messages[1]).toMatchObject({
      status: 'interrupted',
      error: { code: 'interrupted', maybeSubmitted: true },
    })
  })

  test('what is typed is stored before it is asked', async () => {
    const storage = createMemory()
    const { llm, chat } = start({ storage })
    const seen: string[] = []
    const generate = llm.generate
    llm.generate = (request) => {
      seen.push([...storage.items.values()].join(''))
      return generate(request)
    }
    void chat.send('Do not lose me')
    await settled()
    expect(seen).toHaveLength(1)
    expect(seen[0]).toContain('Do not lose me')
  })

  test('a storage slower than 50 ms holds a question up no longer', async () => {
    const storage = createMemory()
    const { llm, chat } = start({ storage })
    await chat.resume()
    storage.gate = new Promise(() => {})
    void chat.send('Hello')
    await pass(49)
    expect(llm.calls).toHaveLength(0)
    await pass(2)
    expect(llm.calls).toHaveLength(1)
  })
})

describe('rule 3: stop at any moment of a durable answer is one cancel', () => {
  test.each(['submitting', 'storing the id', 'queued', 'streaming'] as const)(
    '%s',
    async (when) => {
      const storage = createMemory()
      const { llm, chat, cancel } = start({ storage, mode: 'durable' })
      await chat.resume()
      let accept: (id: string) => void = () => {}
      vi.spyOn(llm, 'submit').mockReturnValue(
        new Promise((resolve) => {
          accept = (requestId) => resolve({ requestId, endpoint: 'openrouter/router' })
        }),
      )
      const sent = chat.send('One')
      await pass(60)
      if (when === 'storing the id') storage.gate = new Promise(() => {})
      if (when !== 'submitting') {
        accept('request-7')
        await settled()
      }
      if (when === 'streaming') {
        llm.last.addText('some')
        await settled()
      }
      const before = chat.getState().status
      expect(before).toBe(
        {
          submitting: 'submitted',
          'storing the id': 'submitted',
          queued: 'queued',
          streaming: 'streaming',
        }[when],
      )
      await chat.stop()
      expect(await sent).toMatchObject({ status: 'stopped' })
      accept('request-7')
      await pass(3_000)
      expect(cancel).toHaveBeenCalledOnce()
      expect(cancel).toHaveBeenCalledWith(expect.objectContaining({ requestId: 'request-7' }))
      expect(chat.getState().messages[1]).toMatchObject({ status: 'stopped' })
      storage.gate = undefined
      await pass(6_000)
      expect(await chat.resume()).toBeUndefined()
    },
  )

  test('a cancel that did not arrive is sent again by the next page', async () => {
    const { chat, cancel, storage } = await startQueued()
    cancel.mockRejectedValue(network)
    await chat.stop()
    await pass(300)
    const { chat: reopened, cancel: again, llm } = start({ storage })
    await reopened.resume()
    await settled()
    expect(again).toHaveBeenCalledOnce()
    expect(llm.calls).toHaveLength(0)
  })
})

test('send and stop while the storage is read sends nothing: it waits, paused', async () => {
  const storage = createMemory()
  let open = (): void => {}
  storage.gate = new Promise<void>((resolve) => (open = resolve))
  const { llm, chat } = start({ storage })
  void chat.send('Hello')
  await chat.stop()
  open()
  await pass(100)
  expect(llm.calls).toHaveLength(0)
  expect(chat.getState()).toMatchObject({
    status: 'ready',
    paused: true,
    queued: [{ text: 'Hello' }],
  })
})

describe('rule 28: a new answer is always shown', () => {
  test('a retry after a refused edit takes the screen again', async () => {
    const { llm, chat } = start()
    const sent = chat.send('first')
    await settled()
    llm.last.addText('answer')
    llm.last.finish()
    await sent
    const edited = chat.edit(idOf(chat, 'first'), 'second')
    await settled()
    llm.last.fail(refused)
    await edited
    expect(texts(chat.getState())).toEqual(['first', 'answer'])
    const retried = chat.retry()
    await settled()
    expect(texts(chat.getState())).toEqual(['second', ''])
    llm.last.addText('now')
    llm.last.finish()
    await retried
    expect(texts(chat.getState())).toEqual(['second', 'now'])
  })

  test('regenerate and edit in a branch that is not shown', async () => {
    const { llm, chat } = start()
    const answer = async (promise: Promise<unknown>, text: string): Promise<void> => {
      await settled()
      llm.last.addText(text)
      llm.last.finish()
      await promise
    }
    await answer(chat.send('first'), 'one')
    const [hidden, hiddenAnswer] = chat.getState().messages.map(({ id }) => id)
    await answer(chat.edit(hidden ?? '', 'second'), 'two')
    await answer(chat.regenerate({ messageId: hiddenAnswer ?? '' }), 'one again')
    expect(texts(chat.getState())).toEqual(['first', 'one again'])
    await answer(chat.edit(chat.getState().messages[0]?.id ?? '', 'third'), 'three')
    expect(texts(chat.getState())).toEqual(['third', 'three'])
  })
})

describe('rule 26: words are in one place', () => {
  test('taking back hands the content back, files and all', async () => {
    const { chat } = start()
    const file = new Blob(['1234'], { type: 'image/png' })
    void chat.send('a')
    const waiting = chat.send(
      { text: 'b', images: [file, 'https://x/y.png'], metadata: 7 },
      { model: 'm/n' },
    )
    const [entry] = chat.getState().queued
    expect(entry).toMatchObject({
      text: 'b',
      images: [{ mediaType: 'image/png' }, { url: 'https://x/y.png' }],
      metadata: 7,
      options: { model: 'm/n' },
    })
    expect(await chat.cancelQueued(entry?.id ?? '')).toEqual({
      text: 'b',
      images: [file, 'https://x/y.png'],
      metadata: 7,
      options: { model: 'm/n' },
    })
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    expect(chat.getState().queued).toEqual([])
    await expect(chat.cancelQueued('none')).rejects.toMatchObject({ code: 'invalid-input' })
  })

  test('a file that waits is gone after a reload, unless the storage takes files', async () => {
    const storage = createMemory()
    const { chat } = start({ storage })
    void chat.send('a')
    void chat.send({ text: 'b', images: [new File(['1'], 'cat.png', { type: 'image/png' })] })
    await pass(300)
    const { chat: reopened } = start({ storage })
    await reopened.resume()
    expect(reopened.getState().queued).toMatchObject([
      { text: 'b', images: [{ name: 'cat.png', gone: true }] },
    ])
  })

  test('clear empties the waiting list and settles what waited', async () => {
    const { chat } = start()
    const first = chat.send('a')
    const waiting = chat.send('b')
    chat.clear()
    expect(await first).toMatchObject({ status: 'stopped' })
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    expect(chat.getState()).toMatchObject({ messages: [], queued: [], status: 'ready' })
  })
})

describe('rule 27: asking again asks the same', () => {
  const asked = { model: 'a/b', params: { temperature: 0.5 }, system: 'Be brief' } as const

  test('regenerate, retry and continue, after other options too, unless told otherwise', async () => {
    const { llm, chat } = start()
    const sent = chat.send('Hello', asked)
    await settled()
    llm.last.addText('half')
    llm.last.fail(network)
    await sent
    chat.setOptions({ model: 'another/model' })
    for (const again of [() => chat.retry(), () => chat.regenerate(), () => chat.continue()]) {
      const running = again()
      await settled()
      expect(llm.last.request).toMatchObject({ model: 'a/b', params: { temperature: 0.5 } })
      expect(llm.last.request.system).toContain('Be brief')
      llm.last.addText('half')
      await settled()
      await chat.stop()
      await running
    }
    void chat.regenerate({ model: 'told/otherwise' })
    await settled()
    expect(llm.last.request).toMatchObject({
      model: 'told/otherwise',
      params: { temperature: 0.5 },
    })
  })

  test('after a reload', async () => {
    const storage = createMemory()
    const { llm, chat } = start({ storage })
    const sent = chat.send('Hello', asked)
    await settled()
    llm.last.fail(network)
    await sent
    await pass(300)
    const reopened = start({ storage })
    void reopened.chat.retry()
    await settled()
    expect(reopened.llm.last.request).toMatchObject({ model: 'a/b', params: { temperature: 0.5 } })
    expect(reopened.llm.last.request.system).toContain('Be brief')
  })
})

describe('commands while an answer is written', () => {
  test('clear and setMessages stop it first; the others refuse, none in silence', async () => {
    const { llm, chat } = start()
    const sent = chat.send('a')
    await settled()
    const answerId = chat.getState().messages[1]?.id ?? ''
    for (const command of [
      () => chat.remove(answerId),
      () => chat.switchBranch(answerId, 'next'),
      () => chat.append({ role: 'user', text: 'x' }),
      () => chat.update(answerId, { text: 'x' }),
    ]) {
      expect(command).toThrow(expect.objectContaining({ code: 'busy' }))
    }
    chat.setMessages([{ role: 'user', text: 'instead' }])
    expect(await sent).toMatchObject({ status: 'stopped' })
    expect(llm.last.state).toBe('stopped')
    expect(texts(chat.getState())).toEqual(['instead'])
    expect(() => chat.remove('none')).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })
})

describe('messages as a server has them', () => {
  test('role and text are enough, dates are taken, and what was being written is interrupted', () => {
    const { chat } = start({
      messages: [
        { role: 'user', text: 'Hello', createdAt: '2026-11-01T00:00:00Z' },
        { role: 'assistant', text: 'half', status: 'streaming' },
      ],
    })
    expect(chat.getState().messages).toMatchObject([
      { text: 'Hello', createdAt: Date.parse('2026-11-01T00:00:00Z'), status: 'done' },
      { text: 'half', status: 'interrupted' },
    ])
    expect(() => chat.append({ role: 'robot' as 'user', text: 'x' })).toThrow(/role/)
  })

  test('append asks nothing, update keeps branches, a text replaces its parts', async () => {
    const { llm, chat } = start()
    const added = chat.append({ role: 'user', text: 'Hello', metadata: { from: 'server' } })
    expect(added).toMatchObject({ text: 'Hello', parentId: null, metadata: { from: 'server' } })
    const changed = chat.update(added.id, { text: 'Good evening' })
    expect(changed).toMatchObject({
      id: added.id,
      text: 'Good evening',
      parts: [{ type: 'text', text: 'Good evening' }],
      metadata: { from: 'server' },
    })
    await settled()
    expect(llm.calls).toHaveLength(0)
  })

  test('toJSON holds branches, what waits and jobs; from opens it again', async () => {
    const { llm, chat } = await startQueued()
    void chat.send('Two')
    chat.rename('A trip')
    llm.last.addText('half')
    await settled()
    const json = JSON.stringify(chat)
    const { chat: copy } = start({ from: readChat(json), id: 'copy' })
    expect(copy.getState()).toMatchObject({
      title: 'A trip',
      messages: [
        { text: 'One' },
        { text: 'half', status: 'interrupted', job: { requestId: 'request-1' } },
      ],
      queued: [{ text: 'Two' }],
      paused: true,
    })
  })
})

describe('continue', () => {
  test('the same message grows on, and a model that starts over is heard once', async () => {
    const { llm, chat } = start()
    const sent = chat.send('Tell')
    await settled()
    llm.last.addText('Once upon a time')
    llm.last.fail(network)
    const cut = await sent
    const continued = chat.continue()
    await settled()
    expect(llm.last.request.prompt).toContain('Once upon a time')
    llm.last.addText('Once upon a time there was')
    llm.last.emit({
      type: 'usage',
      usage: {
        promptTokens: 1,
        completionTokens: 2,
        totalTokens: 3,
        costUsd: 0.001,
        estimated: false,
      },
    })
    llm.last.finish()
    expect(await continued).toMatchObject({
      id: cut.id,
      status: 'done',
      text: 'Once upon a time there was',
      error: undefined,
      branch: { count: 1 },
    })
    expect(chat.getState().usage.costUsd).toBe(0.001)
    expect(chat.getState().usage.completionTokens).toBeGreaterThan(2)
    expect(await chat.continue()).toBeUndefined()
  })
})

test('callbacks: onFinish gets the state of its own conversation, and one that rejects is reported', async () => {
  const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
  const seen: string[] = []
  const { llm, chat } = start({
    onFinish: async ({ state }) => {
      seen.push(state.id)
      throw new Error('late')
    },
  })
  void chat.send('a')
  await settled()
  const first = llm.last
  chat.setOptions({ id: 'other' })
  first.finish()
  await settled()
  expect(seen).toEqual(['chat'])
  expect(complain).toHaveBeenCalledOnce()
  complain.mockRestore()
})

test('misuse says what to do', async () => {
  const { chat } = start()
  const wrong = (input: unknown, options: object = {}): Promise<unknown> =>
    // What a caller without types may give.
    chat.send(input as string, options)
  await expect(wrong(null)).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(wrong({ text: 5 })).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(wrong('x', { mode: 'strem' })).rejects.toThrow(/'stream'/)
  await expect(wrong('x', { whenBusy: 'later' })).rejects.toThrow(/'queue'/)
  await expect(wrong('x', { mode: 'durable' })).rejects.toThrow(/storage/)
  const { chat: twice } = start({ createId: () => 'same' })
  await expect(twice.send('x')).rejects.toMatchObject({ code: 'invalid-input' })
})

test('estimate says what would be sent, and asks nothing', async () => {
  const { llm, chat } = start({ messages: [{ role: 'user', text: 'Hello' }] })
  const report = await chat.estimate('And now?')
  expect(report).toMatchObject({ includedCount: 2, droppedCount: 0, droppedIds: [] })
  expect(llm.calls).toHaveLength(0)
})

test('what was spent stays spent when its message is removed', async () => {
  const { llm, chat } = start()
  const sent = chat.send('a')
  await settled()
  llm.last.emit({
    type: 'usage',
    usage: {
      promptTokens: 1,
      completionTokens: 1,
      totalTokens: 2,
      costUsd: 3.75e-8,
      estimated: false,
    },
  })
  llm.last.finish()
  await sent
  chat.remove(idOf(chat, 'a'))
  expect(chat.getState()).toMatchObject({ messages: [], usage: { costUsd: 3.75e-8, turns: 1 } })
})

test('resume() of an open chat reads the storage again', async () => {
  const storage = createMemory()
  const llm = createScriptedLlm()
  const [one, two] = [
    createChat({ llm, id: 'chat', storage }),
    createChat({ llm, id: 'chat', storage }),
  ]
  await Promise.all([one.resume(), two.resume()])
  void one.send('Hello')
  await pass(100)
  llm.last.addText('Hi')
  llm.last.finish()
  await pass(500)
  await two.resume()
  expect(two.getState().messages.map(({ text }) => text)).toEqual(['Hello', 'Hi'])
})

test.each([[{ text: 5 }], [{ parts: 'words' }], [{ parts: [{ type: 'text' }] }]])(
  'update(id, %j) is refused',
  (patch) => {
    const chat = createChat({
      llm: createScriptedLlm(),
      messages: [{ id: 'first', role: 'user', text: 'Hello' }],
    })
    // It is what a caller without types may give.
    const update = (): unknown => chat.update('first', patch as never)
    expect(update).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  },
)

test("setMessages('words') is refused with invalid-input", () => {
  const chat = createChat({ llm: createScriptedLlm() })
  // It is what a caller without types may give.
  const replace = (): void => chat.setMessages('words' as never)
  expect(replace).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})

test('a send that waits behind an answer is stored when it is typed, not a quarter of a second later', async () => {
  const storage = createMemory()
  const { llm, chat } = start({ storage })
  void chat.send('the first')
  await settled()
  storage.gate = Promise.resolve()
  llm.last.addText('An answer that is being ')
  await settled()
  void chat.send('the second')
  await settled()
  // A page that is reloaded now has these and nothing else.
  expect([...storage.items.values()].join()).toContain('the second')
})

describe.each([
  ['an hour back', -3_600_000],
  ['a day forward', 86_400_000],
])('rule 29: a clock set %s', (_, byMs) => {
  const setClock = (): void => {
    const real = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => real() + byMs)
  }
  afterEach(() => vi.restoreAllMocks())

  test('changes no wait for a storage that hangs', async () => {
    const storage = createMemory()
    storage.gate = new Promise(() => {})
    const { chat } = start({ storage })
    void chat.send('Hello')
    await pass(1_000)
    setClock()
    await pass(900)
    expect(chat.getState().status).toBe('loading')
    await pass(200)
    expect(chat.getState()).toMatchObject({ status: 'submitted', storage: 'failed' })
  })

  test('changes no time between two writes', async () => {
    const storage = createMemory()
    const { llm, chat } = start({ storage })
    void chat.send('Hello')
    await pass(1_000)
    llm.last.addText('half')
    await settled()
    setClock()
    const isStored = (): boolean => [...storage.items.values()].join('').includes('half')
    await pass(200)
    llm.last.addText(' an answer')
    await pass(100)
    expect(isStored()).toBe(true)
  })

  test('decides nothing between two copies: what was said later stands later', async () => {
    const storage = createMemory()
    const { llm, chat } = start({ storage })
    const sent = chat.send('first')
    await settled()
    llm.last.finish()
    await sent
    chat.rename('the first name')
    await chat.destroy()
    setClock()
    const reopened = start({ storage }).chat
    await reopened.resume()
    reopened.append({ role: 'user', text: 'second' })
    reopened.rename('the second name')
    await reopened.destroy()
    vi.restoreAllMocks()
    const { chat: last } = start({ storage })
    await last.resume()
    expect(last.getState().title).toBe('the second name')
    expect(texts(last.getState())).toEqual(['first', '', 'second'])
  })
})

test('options of null are no options', async () => {
  const { llm, chat } = start()
  const sent = chat.send('Hello', null as never)
  await settled()
  llm.last.finish()
  expect(await sent).toMatchObject({ status: 'done' })
  const again = chat.regenerate(null as never)
  await settled()
  llm.last.finish()
  expect(await again).toMatchObject({ status: 'done', branch: { count: 2 } })
  expect(chat.update(chat.getState().messages[0]?.id ?? '', null as never).text).toBe('Hello')
})

test('rule 5: an answer stopped by another page keeps the words that page had not read', async () => {
  const storage = createMemory()
  const writer = start({ storage })
  const sent = writer.chat.send('Hello')
  await settled()
  writer.llm.last.addText('Once')
  await pass(300)
  const other = start({ storage }).chat
  await other.resume()
  writer.llm.last.addText(' upon')
  await pass(300)
  // One that is seen to change is alive.
  void other.resume()
  await settled()
  expect(other.getState().messages[1]).toMatchObject({ text: 'Once upon', status: 'streaming' })
  writer.llm.last.addText(' a time')
  await settled()
  void other.stop()
  await pass(600)
  const answer = { text: 'Once upon a time', status: 'stopped' }
  expect(await sent).toMatchObject(answer)
  const { chat: reopened } = start({ storage })
  await reopened.resume()
  expect(reopened.getState().messages[1]).toMatchObject(answer)
})

test('what an answer being written reports is on its message at once, and in the sum', async () => {
  const { llm, chat } = start({ model: 'asked/model' })
  void chat.send('Hello')
  await settled()
  llm.last.addText('half')
  await settled()
  expect(chat.getState().messages[1]).toMatchObject({ text: 'half', model: 'asked/model' })
  const tokens = { promptTokens: 1, completionTokens: 2, totalTokens: 3 }
  llm.last.emit({ type: 'usage', usage: { ...tokens, costUsd: 0.25, estimated: false } })
  await settled()
  const { messages, usage, status } = chat.getState()
  expect(status).toBe('streaming')
  expect(messages[1]).toMatchObject({ text: 'half', usage: { totalTokens: 3, costUsd: 0.25 } })
  expect(usage).toMatchObject({ costUsd: 0.25, turns: 1, byModel: { 'asked/model': tokens } })
})
