// A process dies at every point where it touches the world, before and after: a read, a write, a question, a job, a cancel.
// What is stored, and what fal has, outlives it; a new chat opens the conversation, and everything comes to rest.

import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FalLlmError } from '../errors.ts'
import type { FalLlm, GenerateRequest } from '../generate/fal-llm.ts'
import type { Chat, ChatMode } from './chat.ts'
import { createChat } from './create-chat.ts'
import type { ChatState } from './state.ts'
import type { ChatStorage } from './storage/chat-storage.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

/** Time passes in small steps, and everything that is due happens. */
const pass = async (ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 100) {
    await vi.advanceTimersByTimeAsync(Math.min(100, ms - passed))
    await settled()
  }
}
/** Until nothing is due any more, or a person would have given up. */
const rest = async (): Promise<void> => {
  for (let passed = 0; passed < 5_000; passed += 200) {
    await pass(200)
    if (vi.getTimerCount() === 0) return
  }
}

/** What a storage does with a call: at once, in the next turn, or after a while, but before a question's patience ends. */
const storages = {
  synchronous: <T>(work: () => T): T | Promise<T> => work(),
  slow: async <T>(work: () => T): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, 7))
    return work()
  },
}
type Speed = keyof typeof storages

interface Job {
  readonly words: string
  isCancelled: boolean
  isCut: boolean
}

/** What outlives a process. */
interface World {
  readonly items: Map<string, string>
  readonly jobs: Map<string, Job>
  /** Questions fal was asked, streams and jobs: the words of the turn. */
  readonly asked: string[]
  /** How often a person wanted a turn answered, by its words. */
  readonly wanted: Map<string, number>
  readonly typed: Set<string>
  /** Words that a person has taken away. */
  readonly dropped: Set<string>
  /** How many answers are cut before they come through. */
  cuts: number
  /** How many jobs were on their way to fal. */
  submitting: number
  /** Jobs that were followed before their id was stored. */
  readonly unsafe: string[]
}

/** A process: it is alive until its n-th point. */
interface Life {
  points: number
  readonly dies: number
  isDead(): boolean
  /** A point: what it does to the world is done, unless the process is dead by then. */
  at<T>(work: () => T): T | undefined
}

function createLife(dies: number): Life {
  const life: Life = {
    points: 0,
    dies,
    isDead: () => life.points >= dies,
    at(work) {
      life.points += 1
      if (life.isDead()) return undefined
      const result = work()
      life.points += 1
      return life.isDead() ? undefined : result
    },
  }
  return life
}

const never = new Promise<never>(() => {})

function storageOf({ items }: World, life: Life, speed: Speed): ChatStorage {
  const call = <T>(work: () => T): unknown => {
    if (life.isDead()) return never
    return storages[speed](() => {
      const done = life.at(() => ({ result: work() }))
      return done ? done.result : never
    })
  }
  return {
    getItem: (key) => call(() => items.get(key) ?? null),
    setItem: (key, value) => call(() => void items.set(key, value)),
    removeItem: (key) => call(() => void items.delete(key)),
  }
}

/** The turn a request is about: the words that stand last in it. */
function wordsOf({ typed }: World, request: Pick<GenerateRequest, 'prompt' | 'messages'>): string {
  const text = JSON.stringify(request.messages ?? request.prompt)
  const [last = ''] = [...typed].sort((a, b) => text.lastIndexOf(b) - text.lastIndexOf(a))
  return last
}

function llmOf(world: World, life: Life): FalLlm {
  const scripted = createScriptedLlm()
  const { generate, attach, upload, fal } = scripted
  const later = (ms: number, work: () => void): void => {
    setTimeout(() => void (life.isDead() || work()), ms)
  }
  /** Says the answer to the words, unless this one is cut. */
  const play = (words: string, isCut: boolean): void => {
    const call = scripted.last
    later(20, () => call.addText('answer to '))
    if (isCut) {
      const cut = new FalLlmError('network', 'The connection was lost', { retryable: true })
      return later(40, () => call.fail(cut))
    }
    later(300, () => call.addText(words))
    later(320, () => call.finish())
  }
  const takeCut = (): boolean => {
    if (world.cuts === 0) return false
    world.cuts -= 1
    return true
  }
  return {
    upload,
    fal,
    generate(request) {
      // What was asked is looked at, whatever its endpoint.
      const words = wordsOf(world, request as GenerateRequest)
      life.at(() => world.asked.push(words))
      const run = generate(request)
      if (!life.isDead()) play(words, takeCut())
      return run
    },
    async submit(request) {
      const words = wordsOf(world, request as GenerateRequest)
      world.submitting += 1
      await new Promise((resolve) => later(10, () => resolve(undefined)))
      const requestId = `job-${world.jobs.size + 1}`
      const accepted = life.at(() => {
        world.asked.push(words)
        world.jobs.set(requestId, { words, isCancelled: false, isCut: takeCut() })
        return { requestId, endpoint: 'openrouter/router' }
      })
      return accepted ?? never
    },
    attach(reference) {
      const run = attach(reference)
      const job = world.jobs.get(reference.requestId)
      const isStored = [...world.items.values()].some((text) => text.includes(reference.requestId))
      if (!isStored && !life.isDead()) world.unsafe.push(reference.requestId)
      life.at(() => {})
      if (!job || life.isDead()) return run
      play(job.words, job.isCut)
      job.isCut = false
      return run
    },
    async cancel({ requestId }) {
      const job = world.jobs.get(requestId)
      // Longer than a write waits for its turn.
      await new Promise((resolve) => later(300, () => resolve(undefined)))
      life.at(() => {
        if (job) job.isCancelled = true
      })
      return life.isDead() ? never : 'cancelled'
    },
  }
}

/** A person at a chat: what they do, they do while the process lives. */
interface Person {
  readonly chat: Chat
  /** Every promise of the chat, by what it was. */
  readonly calls: Map<string, 'open' | 'settled'>
  /** States that no screen may be shown. */
  readonly breaches: readonly ChatState[]
  send(words: string, mode?: ChatMode): void
  regenerate(): void
  edit(words: string): void
  /** retry or continue, or what else has nothing to say. */
  does(name: string, command: (chat: Chat) => unknown): void
  /** Takes away every word that was typed. */
  clear(): void
}

function createPerson(world: World, life: Life, speed: Speed): Person {
  const storage = storageOf(world, life, speed)
  const chat = createChat({ llm: llmOf(world, life), id: 'chat', storage, flush: 'sync' })
  const breaches: ChatState[] = []
  chat.subscribe((state) => {
    if (!life.isDead() && !isSound(state)) breaches.push(state)
  })
  const calls = new Map<string, 'open' | 'settled'>()
  const track = (name: string, promise: unknown): void => {
    const key = `${calls.size} ${name}`
    calls.set(key, 'open')
    const settle = (): void => void calls.set(key, 'settled')
    Promise.resolve(promise).then(settle, settle)
  }
  const wants = (words: string): void =>
    void world.wanted.set(words, (world.wanted.get(words) ?? 0) + 1)
  const lastWords = (): string =>
    chat.getState().messages.findLast(({ role }) => role === 'user')?.text ?? ''
  return {
    chat,
    calls,
    breaches,
    send(words, mode) {
      if (life.isDead()) return
      world.typed.add(words)
      wants(words)
      track(`send ${words}`, chat.send(words, mode && { mode }))
    },
    regenerate() {
      if (life.isDead()) return
      wants(lastWords())
      track('regenerate', chat.regenerate())
    },
    edit(words) {
      if (life.isDead()) return
      world.typed.add(words)
      wants(words)
      const turn = chat.getState().messages.findLast(({ role }) => role === 'user')
      track(`edit ${words}`, chat.edit(turn?.id ?? '', words))
    },
    does(name, command) {
      if (life.isDead()) return
      if (name === 'retry' || name === 'continue') wants(lastWords())
      track(name, command(chat))
    },
    clear() {
      if (life.isDead()) return
      for (const words of world.typed) world.dropped.add(words)
      chat.clear()
    },
  }
}

/** A chat that is at rest shows nothing that is being written. */
function isSound({ status, isBusy, messages }: ChatState): boolean {
  const hasOpen = messages.some((message) => /pending|streaming/.test(message.status))
  const isAtRest = status === 'ready' || status === 'error'
  return isBusy !== (isAtRest || status === 'loading') && !(isAtRest && hasOpen)
}

interface StoredMessage {
  readonly place: { readonly rank: number }
  readonly body: {
    readonly role: string
    readonly ended: boolean
    readonly status: string
    readonly parts: readonly { readonly text?: string }[]
    readonly job?: { readonly requestId: string }
  }
}

/** What is stored of the messages, whole. */
function storedMessages({ items }: World): ReadonlyMap<string, StoredMessage> {
  const messages = new Map<string, StoredMessage>()
  for (const [key, text] of items) {
    if (!key.startsWith('fal-llm:chat:') && !key.startsWith('fal-llm:part:')) continue
    // It is what a chat has written.
    const { messages: found } = JSON.parse(text) as { messages: Record<string, StoredMessage> }
    for (const [id, message] of Object.entries(found)) messages.set(id, message)
  }
  return messages
}

type Script = (person: Person, world: World) => Promise<void>

const scripts: Readonly<Record<string, Script>> = {
  async send(person) {
    person.send('w-one')
    await pass(500)
  },
  async 'durable send'(person) {
    person.send('w-one', 'durable')
    await pass(700)
  },
  async 'send and send'(person) {
    person.send('w-one')
    person.send('w-two')
    await pass(1_000)
  },
  async 'two durable sends'(person) {
    person.send('w-one', 'durable')
    person.send('w-two', 'durable')
    await pass(1_200)
  },
  async 'stop, with a turn that waits'(person) {
    person.send('w-one', 'durable')
    person.send('w-two')
    await pass(200)
    person.does('stop', (chat) => chat.stop())
    await pass(300)
  },
  async 'stop while it is submitted, and send in the same tick'(person, world) {
    person.send('w-one', 'durable')
    for (let tries = 0; tries < 20 && world.submitting === 0; tries++) await pass(2)
    person.does('stop', (chat) => chat.stop())
    person.send('w-two', 'durable')
    await pass(700)
  },
  async regenerate(person) {
    person.send('w-one', 'durable')
    await pass(700)
    person.regenerate()
    await pass(700)
  },
  async edit(person) {
    person.send('w-one')
    await pass(500)
    person.edit('w-two')
    await pass(500)
  },
  async 'retry after a cut'(person, world) {
    world.cuts = 1
    person.send('w-one')
    await pass(300)
    person.does('retry', (chat) => chat.retry())
    await pass(500)
  },
  async 'retry of a durable answer after a cut'(person, world) {
    world.cuts = 1
    person.send('w-one', 'durable')
    await pass(300)
    person.does('resume', (chat) => chat.retry())
    await pass(500)
  },
  async 'continue after a stop'(person) {
    person.send('w-one')
    await pass(200)
    person.does('stop', (chat) => chat.stop())
    person.does('continue', (chat) => chat.continue())
    await pass(500)
  },
  async 'detach, and send'(person) {
    person.send('w-one', 'durable')
    await pass(200)
    person.does('detach', (chat) => chat.detach())
    person.send('w-two', 'durable')
    await pass(700)
  },
  async 'take back, and send now'(person, world) {
    person.send('w-one')
    person.send('w-two')
    person.send('w-three')
    await pass(100)
    person.does('cancelQueued', (chat) => {
      world.dropped.add('w-two')
      return chat.cancelQueued(chat.getState().queued[0]?.id ?? '')
    })
    person.does('sendQueuedNow', (chat) => chat.sendQueuedNow(chat.getState().queued[0]?.id ?? ''))
    await pass(600)
  },
  async 'clear, and send'(person) {
    person.send('w-one', 'durable')
    await pass(200)
    person.clear()
    person.send('w-two', 'durable')
    await pass(700)
  },
}

/** How the conversation is opened again. */
type Reopening = (person: Person) => Promise<void>

const reopenings: Readonly<Record<string, Reopening>> = {
  async 'looked at'(person) {
    person.does('resume', (chat) => chat.resume())
  },
  async 'sent to'(person) {
    person.send('w-after', 'durable')
  },
  async 'told to send what waits'(person) {
    person.does('resume', (chat) => chat.resume())
    await pass(1_000)
    const [first] = person.chat.getState().queued
    if (first) person.does('sendQueuedNow', (chat) => chat.sendQueuedNow(first.id))
  },
}

/** Plays a script until the process dies at a point, then opens the conversation again. Returns whether it died. */
async function crash(
  script: Script,
  speed: Speed,
  dies: number,
  reopen: Reopening,
): Promise<boolean> {
  const world: World = {
    items: new Map(),
    jobs: new Map(),
    asked: [],
    wanted: new Map(),
    typed: new Set(),
    dropped: new Set(),
    cuts: 0,
    submitting: 0,
    unsafe: [],
  }
  const life = createLife(dies)
  const first = createPerson(world, life, speed)
  await script(first, world)
  const hasDied = life.isDead()
  // It is dead by now, if it was not before: nothing of it reaches the world.
  life.points = Infinity
  const storedThen = storedMessages(world)
  const textThen = [...world.items.values()].join('')
  const askedThen = world.asked.length
  world.cuts = 0
  for (const job of world.jobs.values()) job.isCut = false

  const person = createPerson(world, createLife(Infinity), speed)
  await reopen(person)
  await rest()
  const { chat } = person
  const json = JSON.stringify(chat.toJSON())

  expect([...first.breaches, ...person.breaches]).toEqual([])
  expect(world.unsafe).toEqual([])
  const { status, isBusy, storage, messages, queued } = chat.getState()
  expect({ isBusy, storage }).toEqual({ isBusy: false, storage: 'ok' })
  expect(['ready', 'error']).toContain(status)
  expect([...person.calls].filter(([, state]) => state === 'open')).toEqual([])

  for (const words of world.typed) {
    if (world.dropped.has(words)) continue
    // What was stored, and what fal was asked, is there.
    if (textThen.includes(words) || world.asked.includes(words)) expect(json).toContain(words)
  }
  for (const words of new Set(world.asked)) {
    const count = world.asked.filter((one) => one === words).length
    expect({ words, count }).toSatisfy(() => count <= (world.wanted.get(words) ?? 0))
  }
  // Nothing is asked that nobody has sent.
  const asksNothing = ![...person.calls.keys()].some((name) => name.includes('send'))
  if (asksNothing) expect(world.asked).toHaveLength(askedThen)
  else expect(queued).toEqual([])
  if (world.typed.has('w-after')) {
    expect(messages.at(-1)).toMatchObject({ status: 'done', text: 'answer to w-after' })
  }

  const storedNow = storedMessages(world)
  for (const [id, { body }] of storedThen) {
    const isOver = body.role === 'assistant' && body.ended && !body.job
    if (!isOver || world.dropped.size > 0) continue
    expect(storedNow.get(id)?.body).toMatchObject({ parts: body.parts, status: body.status })
  }
  for (const [requestId, { words, isCancelled }] of world.jobs) {
    const isKnown = !hasDied || textThen.includes(`"${requestId}"`)
    if (!isKnown || world.dropped.has(words)) continue
    const answers = [...storedNow.values()].filter(
      ({ body }) => body.role === 'assistant' && JSON.stringify(body).includes(`"${requestId}"`),
    )
    // What was paid for is there, or was given up and cancelled.
    const text = answers.map(({ body }) => body.parts.map((part) => part.text ?? '').join(''))
    if (!isCancelled) expect(text).toEqual([`answer to ${words}`])
  }
  // Everything is in the storage.
  expect([...storedNow.keys()].sort()).toEqual(Object.keys(chat.toJSON().messages).sort())
  await chat.destroy()
  return hasDied
}

const speeds: readonly Speed[] = ['synchronous', 'slow']

describe.each(speeds)('over a %s storage', (speed) => {
  describe.each(Object.entries(scripts))('%s', (_, script) => {
    test.each(Object.entries(reopenings))(
      'a process that dies at any point, and is %s again',
      async (_how, reopen) => {
        let dies = 1
        for (;;) {
          try {
            if (!(await crash(script, speed, dies, reopen))) break
          } catch (error) {
            throw new Error(`It died at point ${dies}`, { cause: error })
          }
          dies += 1
        }
        expect(dies).toBeGreaterThan(8)
      },
    )
  })
})
