// @vitest-environment jsdom
import { createSettings } from '@fal-llm/app-shared/stores/settings'
import { createTurns } from '@fal-llm/app-shared/llm/turns'
import { createFalChat, FalLlmError } from '@fal-llm/react'
import type { ChatOptions, TakenBackSend } from '@fal-llm/react'
import { createScriptedLlm } from '@fal-llm/testkit'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Conversation } from './conversation.tsx'

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
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function openChat(options: Partial<ChatOptions> = {}) {
  const llm = createScriptedLlm()
  const chat = createFalChat({ llm, flush: 'sync', ...options })
  const putBack: TakenBackSend[] = []
  const turns = createTurns(chat, {
    settings: createSettings(),
    putBack: (taken) => void putBack.push(taken),
  })
  onTestFinished(() => void chat.destroy())
  render(<Conversation chat={chat} turns={turns} />)
  return {
    llm,
    chat,
    putBack,
    press: (name: string) =>
      act(async () => void fireEvent.click(screen.getByRole('button', { name }))),
    ask: (question: string) => act(async () => void chat.send(question)),
    say: (words: string) => act(async () => llm.last.addText(words)),
    finish: () => act(async () => llm.last.finish()),
    fail: (error: FalLlmError) => act(async () => llm.last.fail(error)),
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

test('says on the message what went wrong, keeps its words, and retries', async () => {
  const { chat, ask, say, fail, finish } = openChat()
  await ask('one')
  await say('half an ans')
  await fail(new FalLlmError('interrupted', 'The stream ended early'))
  expect(screen.getByText('half an ans')).toBeDefined()
  expect(screen.getByText(/^The connection broke before the answer was complete\./)).toBeDefined()
  await act(async () => void fireEvent.click(screen.getByRole('button', { name: 'Retry' })))
  await say('a whole answer')
  await finish()
  expect(screen.getByText('a whole answer')).toBeDefined()
  expect(chat.getState().messages.at(-1)?.branch).toEqual({ index: 1, count: 2 })
})

test('says below the version before it that a new one was refused', async () => {
  const { ask, say, fail, finish } = openChat()
  await ask('one')
  await say('the first answer')
  await finish()
  await act(async () => void fireEvent.click(screen.getByRole('button', { name: 'Regenerate' })))
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
  await act(async () => chat.detach())
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
