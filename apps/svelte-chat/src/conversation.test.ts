import { createSettings } from '@fal-llm/app-shared/stores/settings'
import { createTurns } from '@fal-llm/app-shared/llm/turns'
import { FalLlmError } from '@fal-llm/svelte'
import type { ChatOptions, TakenBackSend } from '@fal-llm/svelte'
import { useFalChat } from '@fal-llm/svelte/runes'
import { createScriptedLlm, settled as turnSettled } from '@fal-llm/testkit'
import { screen } from '@testing-library/dom'
import { mount, settled, unmount } from 'svelte'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import Conversation from './conversation.svelte'

// Every answer asks for its facts when it is drawn: that is how it is known which rows were drawn again.
const drawnIds = vi.hoisted(() => [] as string[])
vi.mock('@fal-llm/app-shared/text/answer-facts', () => ({
  toAnswerFacts({ id }: { readonly id: string }) {
    drawnIds.push(id)
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
})
afterEach(() => void vi.unstubAllGlobals())

function openChat(options: Partial<ChatOptions> = {}) {
  const llm = createScriptedLlm()
  const chat = useFalChat({ llm, flush: 'sync', ...options })
  const own = chat.chat
  const putBack: TakenBackSend[] = []
  const turns = createTurns(own, {
    settings: createSettings(),
    putBack: (taken) => void putBack.push(taken),
  })
  const shown = mount(Conversation, { target: document.body, props: { chat, turns } })
  onTestFinished(async () => {
    await unmount(shown)
    await own.destroy()
  })

  /** Does it and waits until it is on the screen. */
  const act = async (command: () => void): Promise<void> => {
    command()
    await turnSettled()
    await settled()
  }
  return {
    llm,
    chat,
    own,
    act,
    putBack,
    ask: (question: string) => act(() => void chat.send(question)),
    say: (words: string) => act(() => llm.last.addText(words)),
    finish: () => act(() => llm.last.finish()),
    fail: (error: FalLlmError) => act(() => llm.last.fail(error)),
    stop: () => act(() => void chat.stop()),
    press: (name: string) => act(() => screen.getByRole('button', { name }).click()),
  }
}

test('draws only the row whose words arrive', async () => {
  const { chat, ask, say, finish } = openChat()
  await ask('one')
  await say('the first answer')
  await finish()
  await ask('two')
  await say('the second')
  drawnIds.length = 0
  await say(' answer')
  await say(' grows')
  expect(screen.getByText('the second answer grows')).toBeDefined()
  expect(new Set(drawnIds)).toEqual(new Set([chat.messages.at(-1)?.id]))
})

test('says on the message what went wrong, keeps its words, and retries', async () => {
  const { chat, ask, say, fail, press, finish } = openChat()
  await ask('one')
  await say('half an ans')
  await fail(new FalLlmError('interrupted', 'The stream ended early'))
  expect(screen.getByText('half an ans')).toBeDefined()
  expect(screen.getByText(/^The connection broke before the answer was complete\./)).toBeDefined()
  await press('Retry')
  await say('a whole answer')
  await finish()
  expect(screen.getByText('a whole answer')).toBeDefined()
  expect(chat.messages.at(-1)?.branch).toEqual({ index: 1, count: 2 })
})

test('says below the version before it that a new one was refused', async () => {
  const { ask, say, finish, press, fail } = openChat()
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
  const { ask, say, stop } = openChat()
  const marks = () =>
    screen.getAllByRole('article').map(({ dataset }) => [dataset['role'], dataset['status']])
  await ask('one')
  expect(marks()).toEqual([
    ['user', 'done'],
    ['assistant', 'pending'],
  ])
  await say('words')
  expect(marks().at(-1)).toEqual(['assistant', 'streaming'])
  await stop()
  expect(marks().at(-1)).toEqual(['assistant', 'stopped'])
  expect(screen.getByText('Stopped')).toBeDefined()
})

test('an answer that fal still has is resumed, and not asked for again', async () => {
  const items = new Map<string, string>()
  const { act, own, llm, ask, press, say, finish } = openChat({
    mode: 'durable',
    storage: {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
    },
  })
  await ask('one')
  await vi.waitFor(() => expect(own.getState().messages.at(-1)?.job).toBeDefined())
  await act(() => own.detach())
  await vi.waitFor(() => expect(screen.getByText(/^fal is still at work/)).toBeDefined())
  expect(screen.queryByRole('button', { name: 'Regenerate' })).toBeNull()
  await press('Resume')
  await vi.waitFor(() =>
    expect(llm.last.request).toMatchObject({ prompt: expect.stringMatching(/^attach/) }),
  )
  await say('the answer')
  await finish()
  await vi.waitFor(() => expect(screen.getByText('the answer')).toBeDefined())
  expect(own.getState().messages).toHaveLength(2)
})

test('what waits behind a stop says so, and is taken back', async () => {
  const { act, own, ask, press, putBack } = openChat()
  await ask('one')
  await ask('two')
  expect(screen.queryByText(/^This waits for you/)).toBeNull()
  await act(() => void own.stop())
  await vi.waitFor(() => expect(screen.getByText(/^This waits for you/)).toBeDefined())
  await press('Take back')
  await vi.waitFor(() => expect(screen.queryByText('two')).toBeNull())
  expect(putBack).toMatchObject([{ text: 'two' }])
  expect(own.getState().queued).toEqual([])
})
