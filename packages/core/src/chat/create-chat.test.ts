import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { expect, test, vi } from 'vitest'
import { FalLlmError } from '../errors.ts'
import type { ChatOptions } from './chat.ts'
import { createChat } from './create-chat.ts'
import type { ChatState } from './state.ts'

function start(options: Partial<ChatOptions> = {}) {
  const llm = createScriptedLlm()
  let count = 0
  const chat = createChat({ llm, flush: 'sync', createId: () => `id-${(count += 1)}`, ...options })
  return { llm, chat }
}
const refused = new FalLlmError('rate-limited', 'slow down', { status: 429, retryable: true })
const texts = (state: ChatState): string[] => state.messages.map((message) => message.text)

test('a send shows both messages at once, grows, and resolves with the whole answer', async () => {
  const { llm, chat } = start()
  const sent = chat.send('Hello')
  expect(chat.getState()).toMatchObject({ status: 'submitted', isBusy: true, canStop: true })
  expect(chat.getState().messages.map(({ role, status }) => [role, status])).toEqual([
    ['user', 'done'],
    ['assistant', 'pending'],
  ])
  await settled()
  llm.last.addText('Hi')
  await settled()
  expect(chat.getState()).toMatchObject({ status: 'streaming' })
  expect(chat.getState().messages[1]).toMatchObject({ status: 'streaming', text: 'Hi' })
  llm.last.addText(' there')
  llm.last.finish()
  expect(await sent).toMatchObject({ status: 'done', text: 'Hi there', finishReason: 'stop' })
  expect(chat.getState()).toMatchObject({ status: 'ready', isBusy: false, canRegenerate: true })
})

test('rule 5: a stop keeps what was written, and it counts as history', async () => {
  const { llm, chat } = start()
  const sent = chat.send('One')
  await settled()
  llm.last.addText('half an ans')
  await settled()
  await chat.stop()
  expect(await sent).toMatchObject({ status: 'stopped', text: 'half an ans', error: undefined })
  expect(chat.getState()).toMatchObject({ status: 'ready', error: undefined })
  expect(llm.last.state).toBe('stopped')
  void chat.send('Two')
  await settled()
  expect(llm.last.request.prompt).toContain('Assistant: half an ans')
})

test('rule 5: regenerate adds a sibling; a refused one gives the screen back', async () => {
  const { llm, chat } = start()
  const sent = chat.send('Hello')
  await settled()
  llm.last.addText('first')
  llm.last.finish()
  await sent
  const again = chat.regenerate()
  await settled()
  llm.last.addText('second')
  llm.last.finish()
  expect(await again).toMatchObject({ text: 'second', branch: { index: 1, count: 2 } })
  expect(texts(chat.getState())).toEqual(['Hello', 'second'])
  const failing = chat.regenerate()
  await settled()
  llm.last.fail(refused)
  expect(await failing).toMatchObject({ status: 'error', error: { code: 'rate-limited' } })
  expect(texts(chat.getState())).toEqual(['Hello', 'second'])
  expect(chat.getState()).toMatchObject({ status: 'error', error: { code: 'rate-limited' } })
  const second = chat.getState().messages[1]
  expect(second?.branch).toEqual({ index: 1, count: 3 })
  chat.switchBranch(second?.id ?? '', 'previous')
  expect(texts(chat.getState())).toEqual(['Hello', 'first'])
  const retried = chat.retry()
  await settled()
  llm.last.finish()
  expect(await retried).toMatchObject({ branch: { index: 3, count: 4 } })
})

test('rule 5: edit keeps the turn as it was, with all that followed, in another branch', async () => {
  const { llm, chat } = start()
  const sent = chat.send('Helo')
  await settled()
  llm.last.addText('?')
  llm.last.finish()
  await sent
  const [typed] = chat.getState().messages
  const edited = chat.edit(typed?.id ?? '', 'Hello')
  await settled()
  llm.last.addText('Hi')
  llm.last.finish()
  await edited
  expect(texts(chat.getState())).toEqual(['Hello', 'Hi'])
  chat.switchBranch(chat.getState().messages[0]?.id ?? '', 0)
  expect(texts(chat.getState())).toEqual(['Helo', '?'])
})

test('a first answer that fails stays on the screen with its error, and can be tried again', async () => {
  const onError = vi.fn()
  const { llm, chat } = start({ onError })
  const sent = chat.send('Hello')
  await settled()
  llm.last.fail(refused)
  await sent
  expect(chat.getState().messages.map((message) => message.status)).toEqual(['done', 'error'])
  expect(onError).toHaveBeenCalledOnce()
  const retried = chat.retry()
  await settled()
  llm.last.addText('now')
  llm.last.finish()
  await retried
  expect(texts(chat.getState())).toEqual(['Hello', 'now'])
  expect(await chat.retry()).toBeUndefined()
})

test('a retry that fails as well shows the newer failure', async () => {
  const { llm, chat } = start()
  void chat.send('Hello')
  await settled()
  llm.last.fail(refused)
  await settled()
  const retried = chat.retry()
  await settled()
  llm.last.fail(new FalLlmError('overloaded', 'busy'))
  await retried
  expect(chat.getState().messages[1]).toMatchObject({
    error: { code: 'overloaded' },
    branch: { index: 1, count: 2 },
  })
})

test('a retry asks as the failed send did', async () => {
  const { llm, chat } = start({ model: 'a/b' })
  void chat.send('Hello', { model: 'c/d' })
  await settled()
  llm.last.fail(refused)
  await settled()
  void chat.retry()
  await settled()
  expect(llm.last.request.model).toBe('c/d')
})

test('a connection that gives out after the first words leaves them, marked interrupted', async () => {
  const { llm, chat } = start()
  const sent = chat.send('Hello')
  await settled()
  llm.last.addText('half')
  await settled()
  llm.last.fail(new FalLlmError('timeout', 'stalled'))
  expect(await sent).toMatchObject({ status: 'interrupted', text: 'half' })
  expect(texts(chat.getState())).toEqual(['Hello', 'half'])
})

test('rule 15: two sends in one tick make one request; the second sees the whole first answer', async () => {
  const { llm, chat } = start()
  const first = chat.send('One')
  const second = chat.send('Two')
  await settled()
  expect(llm.calls).toHaveLength(1)
  expect(chat.getState().queued).toMatchObject([{ text: 'Two', images: [] }])
  llm.last.addText('the whole ')
  llm.last.addText('answer')
  llm.last.finish()
  await first
  await settled()
  expect(llm.calls).toHaveLength(2)
  expect(llm.last.request.prompt).toContain('Assistant: the whole answer')
  expect(chat.getState().queued).toEqual([])
  llm.last.finish()
  expect(await second).toMatchObject({ status: 'done' })
})

test('what waits survives a stop and an error, can be sent now, and can be taken back', async () => {
  const { llm, chat } = start()
  void chat.send('One')
  const second = chat.send('Two')
  const third = chat.send('Three')
  await settled()
  await chat.stop()
  await settled()
  expect(chat.getState().queued.map((send) => send.text)).toEqual(['Two', 'Three'])
  expect(llm.calls).toHaveLength(1)
  chat.cancelQueued(chat.getState().queued[1]?.id ?? '')
  await expect(third).rejects.toMatchObject({ code: 'cancelled' })
  const now = chat.sendQueuedNow(chat.getState().queued[0]?.id ?? '')
  await settled()
  llm.last.addText('2')
  llm.last.finish()
  expect((await now).id).toBe((await second).id)
  expect(texts(chat.getState())).toEqual(['One', '', 'Two', '2'])
})

test('whenBusy: reject refuses with what to do, interrupt stops the answer first', async () => {
  const { llm, chat } = start({ whenBusy: 'reject' })
  void chat.send('One')
  await settled()
  expect(chat.getState().canSend).toBe(false)
  await expect(chat.send('Two')).rejects.toMatchObject({ code: 'busy' })
  llm.last.addText('part')
  await settled()
  const two = chat.send('Two', { whenBusy: 'interrupt' })
  await settled()
  expect(llm.calls.map((call) => call.state)).toEqual(['stopped', 'running'])
  llm.last.finish()
  await two
  expect(chat.getState().messages.map((message) => message.status)).toEqual([
    'done',
    'stopped',
    'done',
    'done',
  ])
})

test('two interrupts in one tick: one answer after the other, none lost', async () => {
  const { llm, chat } = start()
  void chat.send('One')
  await settled()
  const two = chat.send('Two', { whenBusy: 'interrupt' })
  const three = chat.send('Three', { whenBusy: 'interrupt' })
  await settled()
  await settled()
  llm.last.addText('3')
  llm.last.finish()
  expect([(await two).status, (await three).text]).toEqual(['stopped', '3'])
  expect(texts(chat.getState())).toEqual(['One', '', 'Two', '', 'Three', '3'])
})

test('after stop and an immediate send the old run cannot write into the new answer', async () => {
  const { llm, chat } = start()
  void chat.send('One')
  await settled()
  const [old] = llm.calls
  old?.addText('old')
  await settled()
  const stopped = chat.stop()
  old?.addText(' words')
  await stopped
  void chat.send('Two')
  await settled()
  old?.addText(' even later')
  llm.last.addText('new')
  await settled()
  expect(texts(chat.getState())).toEqual(['One', 'old', 'Two', 'new'])
})

test('rule 14: many deltas in one frame are one notification, and other rows keep their identity', async () => {
  const { llm, chat } = start({ flush: 'frame' })
  const sent = chat.send('Hello')
  await settled()
  const heard: ChatState[] = []
  chat.subscribe((state) => heard.push(state))
  const [user] = chat.getState().messages
  for (let count = 0; count < 1_000; count++) llm.last.addText('x')
  await vi.waitFor(() => expect(heard.length).toBe(2))
  expect(heard[1]?.messages[1]?.text).toHaveLength(1_000)
  expect(heard[1]?.messages[0]).toBe(user)
  llm.last.finish()
  await sent
  expect(heard.length).toBeLessThanOrEqual(4)
})

test('rule 16: options are live, a changed id opens another conversation that may finish by itself', async () => {
  const onFinish = vi.fn()
  const { llm, chat } = start({ id: 'first', model: 'a/b' })
  const sent = chat.send('Hello')
  await settled()
  chat.setOptions({ model: 'c/d', onFinish })
  expect(texts(chat.getState())).toEqual(['Hello', ''])
  chat.setOptions({ id: 'second' })
  expect(chat.getState()).toMatchObject({ id: 'second', messages: [], status: 'ready' })
  llm.last.addText('finished elsewhere')
  llm.last.finish()
  await sent
  expect(onFinish).toHaveBeenCalledOnce()
  expect(chat.getState().messages).toEqual([])
  chat.setOptions({ id: 'first' })
  expect(texts(chat.getState())).toEqual(['Hello', 'finished elsewhere'])
  void chat.send('Next')
  await settled()
  expect(llm.last.request.model).toBe('c/d')
})

test('misuse says what to do, and a rejection nobody awaits ends nothing', async () => {
  const { chat } = start()
  void chat.send('   ')
  await expect(chat.send({})).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(chat.regenerate()).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(chat.edit('no', 'x')).rejects.toMatchObject({ code: 'invalid-input' })
  await settled()
  expect(chat.getState()).toMatchObject({ status: 'ready', messages: [] })
})

test('rule 21: an unknown endpoint shows on the answer, before any request', async () => {
  const { llm, chat } = start()
  // @ts-expect-error: the type system refuses it already
  const answer = await chat.send('Hello', { endpoint: 'openrouter/ruter' })
  expect(answer.error?.message).toContain('openrouter/router')
  expect(llm.calls).toHaveLength(0)
})

test('a listener or callback that throws stops nothing but itself', async () => {
  const complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
  const boom = (): never => {
    throw new Error('boom')
  }
  const { llm, chat } = start({ onEvent: boom, onFinish: boom })
  const heard: string[] = []
  chat.subscribe(boom)
  chat.subscribe((state) => heard.push(state.status))
  const sent = chat.send('Hello')
  await settled()
  llm.last.addText('Hi')
  llm.last.finish()
  expect(await sent).toMatchObject({ status: 'done' })
  expect(heard.at(-1)).toBe('ready')
  expect(complaints).toHaveBeenCalled()
  complaints.mockRestore()
})

test('rule 17: creating a chat sends nothing and starts nothing', async () => {
  const { llm, chat } = start({ messages: [] })
  chat.getServerState()
  await settled()
  expect(llm.calls).toHaveLength(0)
  expect(chat.getState()).toBe(chat.getServerState())
})

test('rule 9: every answer says what of the history was sent', async () => {
  const { llm, chat } = start({ system: 'Be brief' })
  const sent = chat.send('Hello')
  await settled()
  llm.last.finish()
  const answer = await sent
  expect(answer.context).toEqual({
    includedCount: 1,
    firstIncludedId: chat.getState().messages[0]?.id,
    pinnedIds: [],
    droppedCount: 0,
    droppedFiles: [],
    estimatedTokens: 4,
    strategy: 'transcript',
  })
  expect(llm.last.request).toMatchObject({ prompt: 'Hello', system: 'Be brief' })
})
