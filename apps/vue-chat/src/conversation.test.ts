import { createSettings } from '@fal-llm/app-shared/stores/settings'
import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { fireEvent, screen } from '@testing-library/dom'
import { createFalChat, FalLlmError, useFalChat } from '@fal-llm/vue'
import type { ChatOptions, TakenBackSend } from '@fal-llm/vue'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createApp, h } from 'vue'
import Conversation from './conversation.vue'
import { provideOpenChat } from './open-chat.ts'

// Every answer asks for its facts once per render: that is how renders are counted.
const renderedIds = vi.hoisted(() => [] as string[])
vi.mock('@fal-llm/app-shared/text/answer-facts', () => ({
  toAnswerFacts({ id }: { readonly id: string }) {
    renderedIds.push(id)
    return []
  },
}))

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  )
  return () => vi.unstubAllGlobals()
})

/** Resolves when all that was promised has come and was rendered. */
async function act(command: () => unknown): Promise<void> {
  command()
  await settled()
}

function openChat(options: Partial<ChatOptions> = {}) {
  const llm = createScriptedLlm()
  const chat = createFalChat({ llm, flush: 'sync', ...options })
  const putBack: TakenBackSend[] = []
  const app = createApp({
    setup() {
      provideOpenChat(useFalChat({ chat }), {
        settings: createSettings(),
        putBack: (taken) => void putBack.push(taken),
      })
      return () => h(Conversation)
    },
  })
  app.mount(document.body.appendChild(document.createElement('div')))
  onTestFinished(() => {
    app.unmount()
    void chat.destroy()
    document.body.replaceChildren()
  })
  return {
    llm,
    chat,
    putBack,
    ask: (question: string) => act(() => chat.send(question)),
    say: (words: string) => act(() => llm.last.addText(words)),
    finish: () => act(() => llm.last.finish()),
    fail: (error: FalLlmError) => act(() => llm.last.fail(error)),
    press: (name: string) => act(() => fireEvent.click(screen.getByRole('button', { name }))),
  }
}

test('renders only the row whose words arrive', async () => {
  const { chat, ask, say, finish } = openChat()
  await ask('one')
  await say('the first answer')
  await finish()
  await ask('two')
  await say('the second')
  renderedIds.length = 0
  await say(' answer')
  await say(' grows')
  expect(screen.getByText('the second answer grows')).toBeDefined()
  expect(new Set(renderedIds)).toEqual(new Set([chat.getState().messages.at(-1)?.id]))
})

test('offers to regenerate only the last answer', async () => {
  const { ask, finish } = openChat()
  const offers = () => screen.queryAllByRole('button', { name: 'Regenerate' })
  await ask('one')
  await finish()
  expect(offers()).toHaveLength(1)
  await ask('two')
  expect(offers()).toHaveLength(0)
  await finish()
  expect(offers()).toHaveLength(1)
})

test('says on the message what went wrong, keeps its words, and retries', async () => {
  const { chat, ask, say, fail, finish, press } = openChat()
  await ask('one')
  await say('half an ans')
  await fail(new FalLlmError('interrupted', 'The stream ended early'))
  expect(screen.getByText('half an ans')).toBeDefined()
  expect(screen.getByText(/^The connection broke before the answer was complete\./)).toBeDefined()
  await press('Retry')
  await say('a whole answer')
  await finish()
  expect(screen.getByText('a whole answer')).toBeDefined()
  expect(chat.getState().messages.at(-1)?.branch).toEqual({ index: 1, count: 2 })
})

test('says below the version before it that a new one was refused', async () => {
  const { ask, say, fail, finish, press } = openChat()
  await ask('one')
  await say('the first answer')
  await finish()
  await press('Regenerate')
  await fail(new FalLlmError('rate-limited', 'Too many requests'))
  expect(screen.getByText('the first answer')).toBeDefined()
  expect(screen.getByText('Too many requests. Wait a moment, then retry.')).toBeDefined()
  expect(screen.getAllByRole('button', { name: 'Retry' })).toHaveLength(1)
})

test('marks each message with who said it and how far it got', async () => {
  const { chat, ask, say } = openChat()
  const marks = () =>
    screen.getAllByRole('article').map(({ dataset }) => [dataset['role'], dataset['status']])
  await ask('one')
  expect(marks()).toEqual([
    ['user', 'done'],
    ['assistant', 'pending'],
  ])
  await say('words')
  expect(marks().at(-1)).toEqual(['assistant', 'streaming'])
  await act(() => chat.stop())
  expect(marks().at(-1)).toEqual(['assistant', 'stopped'])
  expect(screen.getByText('Stopped')).toBeDefined()
})

test('an answer that fal still has is resumed, and not asked for again', async () => {
  const items = new Map<string, string>()
  const { chat, llm, ask, press, say, finish } = openChat({
    mode: 'durable',
    storage: {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
    },
  })
  await ask('one')
  await vi.waitFor(() => expect(chat.getState().messages.at(-1)?.job).toBeDefined())
  await act(() => chat.detach())
  await vi.waitFor(() => expect(screen.getByText(/^fal is still at work/)).toBeDefined())
  expect(screen.queryByRole('button', { name: 'Regenerate' })).toBeNull()
  await press('Resume')
  await vi.waitFor(() =>
    expect(llm.last.request).toMatchObject({ prompt: expect.stringMatching(/^attach/) }),
  )
  await say('the answer')
  await finish()
  await vi.waitFor(() => expect(screen.getByText('the answer')).toBeDefined())
  expect(chat.getState().messages).toHaveLength(2)
})

test('what waits behind a stop says so, and is taken back', async () => {
  const { chat, ask, press, putBack } = openChat()
  await ask('one')
  await ask('two')
  expect(screen.queryByText(/^This waits for you/)).toBeNull()
  await act(() => chat.stop())
  await vi.waitFor(() => expect(screen.getByText(/^This waits for you/)).toBeDefined())
  await press('Take back')
  await vi.waitFor(() => expect(screen.queryByText('two')).toBeNull())
  expect(putBack).toMatchObject([{ text: 'two' }])
  expect(chat.getState().queued).toEqual([])
})
