import { FalLlmError } from '@fal-llm/core'
import type { ChatMessage, GenerationEvent } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { createStringScreen } from '../test/string-screen.ts'
import { createAnswerPrinter } from './answer-printer.ts'

const ended: ChatMessage = {
  id: 'a',
  role: 'assistant',
  parts: [],
  text: 'Hello',
  reasoning: '',
  status: 'done',
  error: undefined,
  createdAt: 0,
  parentId: 'q',
  branch: { index: 0, count: 1 },
  model: 'openai/gpt-4o',
  usage: {
    promptTokens: 2,
    completionTokens: 3,
    totalTokens: 5,
    costUsd: 0.0012,
    estimated: false,
  },
}
const events: readonly GenerationEvent[] = [
  { type: 'queue-update', requestId: 'r', status: 'IN_QUEUE', position: 2, logs: [] },
  {
    type: 'queue-update',
    requestId: 'r',
    status: 'IN_PROGRESS',
    logs: [{ message: 'loading', level: 'INFO', timestamp: '' }],
  },
  { type: 'reasoning-delta', delta: 'Hm.' },
  { type: 'text-delta', delta: 'Hel' },
  { type: 'text-delta', delta: 'lo' },
  { type: 'finish', reason: 'stop' },
]
const print = (
  options: { json: boolean; isConversation: boolean },
  shown: readonly GenerationEvent[] = events,
  message: ChatMessage | undefined = ended,
) => {
  const screen = createStringScreen()
  const printer = createAnswerPrinter(screen, options)
  printer.begin('openai/gpt-4o')
  for (const event of shown) printer.handle(event)
  printer.end(message)
  return screen
}

test('on its own, an answer is printed and nothing else', () => {
  const screen = print({ json: false, isConversation: false })
  expect(screen.stdout).toBe('Hello\n')
  expect(screen.notes).toBe('')
})

test('to a program, each event is a line', () => {
  const screen = print({ json: true, isConversation: false })
  const lines = screen.stdout.trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(events)
})

test('in a conversation, what is waited for and what it took are said beside the answer', () => {
  const screen = print({ json: false, isConversation: true })
  expect(screen.stdout).toBe('Hm.\n\nHello\n')
  expect(screen.notes.split('\n')).toEqual([
    'gpt-4o is asked',
    'In the queue, 2 before this one',
    '│ loading',
    'The job is running',
    'gpt-4o · $0.0012 · 5 tokens',
    '',
  ])
})

test('rule 7: an answer that begins again is said to, and starts on a new line', () => {
  const rewritten: readonly GenerationEvent[] = [
    { type: 'text-delta', delta: 'Wrong' },
    { type: 'reset', reason: 'rewrite' },
    { type: 'text-delta', delta: 'Right' },
  ]
  for (const isConversation of [true, false]) {
    const screen = print({ json: false, isConversation }, rewritten)
    expect(screen.stdout).toBe('Wrong\nRight\n')
    expect(screen.notes).toContain('The model began its answer again')
  }
})

test('rule 1: what was stopped or cut says so below its words', () => {
  const asked = { json: false, isConversation: true }
  const stopped = print(asked, [], { ...ended, status: 'stopped' })
  expect(stopped.notes).toContain('Stopped; what is above stays.')
  const error = new FalLlmError('interrupted', 'The answer ended before it was complete')
  const cut = print(asked, [], { ...ended, status: 'interrupted', error })
  expect(cut.notes).toContain('complete. /retry tries again.')
})

test('rule 11: an estimate has a ≈, and rule 9: what was not sent is counted', () => {
  const screen = print({ json: false, isConversation: true }, [], {
    ...ended,
    usage: { ...ended.usage!, costUsd: undefined, estimated: true },
    context: {
      includedCount: 1,
      firstIncludedId: 'q',
      pinnedIds: [],
      droppedCount: 2,
      droppedFiles: ['dog.png', 'cat.png'],
      estimatedTokens: 2,
      strategy: 'messages',
    },
  })
  expect(screen.notes).toContain(
    '≈ 5 tokens · 2 earlier messages not sent · images not sent: dog.png, cat.png',
  )
  expect(screen.notes).not.toContain('$')
})

test('nothing to answer leaves nothing behind', () => {
  const screen = createStringScreen()
  createAnswerPrinter(screen, { json: false, isConversation: true }).end(undefined)
  expect(screen.stdout + screen.notes).toBe('')
})
