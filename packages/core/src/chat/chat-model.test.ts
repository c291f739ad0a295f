// A chat driven at random against the emulator and its faults; the rules are checked at every notification.

import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import fc from 'fast-check'
import { settled } from '@fal-llm/testkit/settled'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFalLlm } from '../create-fal-llm.ts'
import type { Chat } from './chat.ts'
import { createChat } from './create-chat.ts'
import type { ChatStorage } from './storage/chat-storage.ts'
import type { ChatMessage, ChatState } from './state.ts'

let emulator: RunningEmulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())

const prompts = [
  '/echo hello',
  '/echo hello world',
  '/error',
  '/empty',
  '/reason',
  'What is this?',
] as const
const faults = [
  { type: 'cut', afterEvents: 1 },
  { type: 'cut', how: 'reset', afterEvents: 2 },
  { type: 'respond', status: 500, body: { detail: 'no' } },
  { type: 'respond', status: 422, body: { detail: 'no' } },
  { type: 'malformed', afterEvents: 1 },
  { type: 'rewrite', afterEvents: 1 },
  { type: 'split' },
] as const

type Step =
  | {
      do: 'send'
      prompt: string
      whenBusy: 'queue' | 'interrupt' | 'reject'
      mode: 'stream' | 'durable' | 'run'
    }
  | { do: 'fault'; fault: (typeof faults)[number] }
  | {
      do:
        | 'stop'
        | 'regenerate'
        | 'retry'
        | 'resume'
        | 'reload'
        | 'clear-error'
        | 'breathe'
        | 'settle'
    }
  | { do: 'edit' | 'switch' | 'cancel-queued' | 'send-now'; at: number }
  | { do: 'storage'; broken: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      prompt: fc.constantFrom(...prompts),
      whenBusy: fc.constantFrom('queue' as const, 'interrupt' as const, 'reject' as const),
      mode: fc.constantFrom('stream' as const, 'durable' as const, 'run' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom(...faults) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'stop',
        'regenerate',
        'retry',
        'resume',
        'reload',
        'clear-error',
        'breathe',
        'settle',
      ),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('edit', 'switch', 'cancel-queued', 'send-now'),
      at: fc.nat(9),
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('storage' as const), broken: fc.boolean() }),
  },
)

/** One person at one chat. */
function createPerson() {
  const items = new Map<string, string>()
  let broken = false
  const refuse = (): void => {
    if (broken) throw new Error('storage is broken')
  }
  const storage: ChatStorage = {
    getItem: (key) => items.get(key) ?? null,
    setItem(key, value) {
      refuse()
      items.set(key, value)
    },
    removeItem: (key) => items.delete(key),
  }
  const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'key:secret', retry: false })
  /** What was seen once must be seen again, in its branch. */
  let typed = new Set<string>()
  let written = new Map<string, string>()
  let chat: Chat

  const check = (state: ChatState): void => {
    const open = state.messages.filter(
      ({ status }) => status === 'pending' || status === 'streaming',
    )
    expect(state.isBusy).toBe(!['loading', 'ready', 'error'].includes(state.status))
    if (!state.isBusy) expect(open).toEqual([])
    expect(open.length).toBeLessThanOrEqual(1)
    for (const message of state.messages) remember(message)
    const ids = state.messages.map((message) => message.id)
    expect(new Set(ids).size).toBe(ids.length)
    state.messages.forEach((message, index) => {
      expect(message.parentId).toBe(state.messages[index - 1]?.id ?? null)
      expect(message.text).toBe(
        message.parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
      )
      if (message.status === 'done' && message.role === 'assistant')
        expect(message.finishReason).toBeDefined()
      if (message.status === 'error') expect(message.error).toBeDefined()
    })
  }
  const remember = (message: ChatMessage): void => {
    if (message.role === 'user') typed.add(message.text)
    const ended = message.status !== 'pending' && message.status !== 'streaming'
    const before = written.get(message.id)
    // An ended answer is never changed, but for a durable one that is re-joined.
    if (before !== undefined && ended)
      expect(message.text.startsWith(before) || before === '').toBe(true)
    if (ended) written.set(message.id, message.text)
  }
  const open = (): void => {
    chat = createChat({ llm, flush: 'sync', id: 'chat', storage, model: 'google/gemini-2.5-flash' })
    chat.subscribe(check)
  }
  /** Idle, and nothing that waited for that has begun again. */
  const settle = async (): Promise<void> => {
    for (let idle = 0; idle < 3; idle++) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (chat.getState().isBusy || !chat.getState().hydrated) idle = -1
    }
  }
  /** Every word ever typed or written is still somewhere in the tree. */
  const checkNothingLost = async (): Promise<void> => {
    const all = new Map<string, ChatMessage>()
    const visit = async (): Promise<void> => {
      for (const message of chat.getState().messages) all.set(message.id, message)
      for (const { id, branch } of chat.getState().messages) {
        for (let index = 0; index < branch.count; index++) {
          if (index === branch.index) continue
          chat.switchBranch(id, index)
          const shown = chat.getState().messages.at(-1)
          if (shown && !all.has(shown.id)) await visit()
        }
      }
    }
    await visit()
    const texts = new Set([...all.values()].map((message) => message.text))
    for (const text of typed) expect(texts).toContain(text)
    expect(all.size).toBeGreaterThanOrEqual(1)
  }
  open()
  return {
    get chat() {
      return chat
    },
    settle,
    checkNothingLost,
    setBroken: (value: boolean) => (broken = value),
    reload() {
      chat.destroy()
      // What was not stored in time is lost with the page; words after the reload count anew.
      typed = new Set()
      written = new Map()
      open()
    },
  }
}

async function play(person: ReturnType<typeof createPerson>, next: Step): Promise<void> {
  const { chat } = person
  const { messages, queued } = chat.getState()
  const pick = <T>(list: readonly T[], at: number): T | undefined =>
    list[at % Math.max(1, list.length)]
  switch (next.do) {
    case 'send':
      return void chat.send(next.prompt, { whenBusy: next.whenBusy, mode: next.mode })
    case 'fault':
      return void emulator.faults.add({
        match: { call: ['stream', 'run', 'submit'] },
        fault: next.fault,
      })
    case 'stop':
      return chat.stop()
    case 'regenerate':
      return void chat.regenerate()
    case 'retry':
      return void chat.retry()
    case 'resume':
      return void chat.resume()
    case 'reload':
      return person.reload()
    case 'clear-error':
      return chat.clearError()
    case 'edit':
      return void chat.edit(pick(messages, next.at)?.id ?? 'none', '/echo edited')
    case 'switch':
      // It says so when it cannot: busy, or no such message.
      return tolerate(() => chat.switchBranch(pick(messages, next.at)?.id ?? 'none', next.at))
    case 'cancel-queued':
      return void chat.cancelQueued(pick(queued, next.at)?.id ?? 'none')
    case 'send-now':
      return void chat.sendQueuedNow(pick(queued, next.at)?.id ?? 'none')
    case 'storage':
      return void person.setBroken(next.broken)
    case 'breathe':
      return settled()
    case 'settle':
      return person.settle()
  }
}

function tolerate(command: () => void): void {
  try {
    command()
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/busy|invalid-input/) })
  }
}

test('rules 1, 5, 13, 15, 18: whatever a person does, whatever fal does', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      emulator.faults.clear()
      const person = createPerson()
      for (const next of steps) await play(person, next)
      emulator.faults.clear()
      person.setBroken(false)
      await person.settle()
      if (person.chat.getState().messages.length > 0) await person.checkNothingLost()
      const answer = await person.chat.send('/echo the end', { whenBusy: 'interrupt' })
      expect(answer).toMatchObject({ status: 'done', text: 'the end' })
      person.chat.destroy()
    }),
    // A fixed seed, so that a change is judged by what it changed; FUZZ=1 plays on for as long as there is time.
    process.env['FUZZ']
      ? { numRuns: 5_000, interruptAfterTimeLimit: 50_000 }
      : { numRuns: 60, seed: 20_261_120, interruptAfterTimeLimit: 40_000 },
  )
  process.off('unhandledRejection', listen)
  expect(unhandled).toEqual([])
}, 60_000)
