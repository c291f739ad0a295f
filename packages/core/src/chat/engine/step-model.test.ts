// Tabs of one conversation, driven at random: commands, answers, crashes, and a storage that is read and written whenever.
// What must hold is checked after every step, and once more when all rest.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FalLlmError } from '../../errors.ts'
import { createComposer } from '../snapshot/compose-state.ts'
import { mergeKept } from '../storage/merge.ts'
import { rebase } from '../storage/rebase.ts'
import type { ChatEvent, Command, Effect, Settings } from './chat-event.ts'
import { emptyKept } from '../kept.ts'
import type { Conversation } from './conversation.ts'
import type { Kept } from '../kept.ts'
import { lineOf } from './draft.ts'
import { deriveTree, subtreeOf, visiblePath } from './message-tree.ts'
import { loadedHandlers } from './loaded/loaded-handlers.ts'
import { foldWords } from './loaded/end-answer.ts'
import { openConversation, step } from './step.ts'

interface Tab {
  readonly by: string
  value: Conversation
  saved: Kept
  readonly works: Map<string, { readonly type: 'ask' | 'follow'; readonly attempt: number }>
  /** Calls that have not settled. */
  readonly open: Set<number>
  readonly compose: ReturnType<typeof createComposer>
  wantsRead: boolean
}

interface Job {
  readonly answerId: string
  readonly attempt: number
  isStored: boolean
  /** The tabs that have cancelled it. */
  readonly cancelledBy: Set<string>
}

const timing = { startedAt: 0, totalMs: 1 }
const failures = {
  cut: new FalLlmError('network', 'cut', { retryable: true }),
  refused: new FalLlmError('invalid-input', 'no', { status: 422 }),
  gone: new FalLlmError('not-found', 'no such job', { status: 404 }),
}

function createWorld(mode: 'stream' | 'durable') {
  let stored: Kept | undefined
  let count = 0
  const tabs: Tab[] = []
  const settings: Settings = {
    asked: { mode },
    whenBusy: 'queue',
    hasStorage: true,
    resume: true,
    hasLocks: false,
  }
  /** What a person typed that was taken, by the id of its turn. */
  const typed = new Map<string, string>()
  const asked = new Map<string, number>()
  /** Jobs fal has, whose answers nobody has fetched, cancelled or been refused. */
  const jobs = new Map<string, Job>()
  /** Ended answers that were stored. */
  const answers = new Map<string, string>()
  const id = (name: string): string => `${name}-${(count += 1)}`

  const opened = (): Tab => {
    const by = id('tab')
    const tab: Tab = {
      by,
      value: openConversation('chat', by, settings),
      saved: emptyKept,
      works: new Map(),
      open: new Set(),
      compose: createComposer(),
      wantsRead: false,
    }
    tabs.push(tab)
    return tab
  }
  const dispatch = (tab: Tab, event: ChatEvent): void => {
    const wasClosed = tab.value.here.isClosed
    const moment = { now: 1, timings: new Map() }
    const { value, effects } = step(tab.value, event, moment, loadedHandlers)
    tab.value = value
    if (wasClosed) assert(effects.every(({ type }) => type === 'settle' || type === 'refuse'))
    for (const effect of effects) perform(tab, effect)
    check(tab)
  }
  const perform = (tab: Tab, effect: Effect): void => {
    switch (effect.type) {
      case 'read':
        tab.wantsRead = true
        return
      case 'ask':
      case 'follow': {
        // What is stored decides about a turn that two may send.
        write(tab)
        const run = tab.value.here.runs.get(effect.id)
        if (run?.body.attempt !== effect.attempt) return
        tab.works.set(effect.id, { type: effect.type, attempt: effect.attempt })
        if (effect.type === 'follow') return
        const key = `${effect.id}/${effect.attempt}`
        asked.set(key, (asked.get(key) ?? 0) + 1)
        assert.equal(asked.get(key), 1)
        return
      }
      case 'claim':
        return dispatch(tab, { type: 'claim-granted', id: effect.id })
      case 'abort':
      case 'leave':
        return void tab.works.delete(effect.id)
      case 'cancel': {
        const job = jobs.get(effect.job.requestId)
        assert(!job?.cancelledBy.has(tab.by))
        job?.cancelledBy.add(tab.by)
        return dispatch(tab, { type: 'job-cancelled', id: effect.id })
      }
      case 'settle':
      case 'refuse':
        assert(tab.open.delete(effect.call))
    }
  }
  /** One write as a storage does it that lets nobody in between: read, merge, write. */
  const write = (tab: Tab): void => {
    if (tab.value.here.storage.read !== 'open') return
    read(tab)
    tab.value = foldWords(tab.value)
    const { kept } = tab.value
    stored = stored ? mergeKept(stored, kept) : kept
    tab.saved = kept
    for (const { body } of stored.messages.values()) {
      const job = body.job && jobs.get(body.job.requestId)
      if (job) job.isStored = true
    }
    for (const [one, { body }] of stored.messages) {
      if (body.ended && body.role === 'assistant' && body.status === 'done') {
        answers.set(one, JSON.stringify(body.parts))
      }
    }
  }
  const read = (tab: Tab): void => {
    tab.wantsRead = false
    tab.value = foldWords(tab.value)
    const isFirst = tab.value.here.storage.read !== 'open'
    const saved = isFirst ? { ...emptyKept, generation: 0 } : tab.saved
    if (stored) {
      const kept = rebase(tab.value.kept, saved, stored)
      const source = tab.value.here.storage.source
      dispatch(tab, { type: 'stored-merged', source, kept, files: new Map() })
      tab.saved = stored
    }
    dispatch(tab, { type: 'storage-opened', source: tab.value.here.storage.source })
  }
  /** Part of what is stored arrives before the rest: any part of the writes is a valid conversation. */
  const readTorn = (tab: Tab, take: (index: number) => boolean): void => {
    if (!stored || tab.value.here.storage.read !== 'open') return
    const messages = new Map([...stored.messages].filter((_, index) => take(index)))
    const kept = mergeKept(foldWords(tab.value).kept, { ...stored, messages, shown: new Map() })
    const source = tab.value.here.storage.source
    dispatch(tab, { type: 'stored-merged', source, kept, files: new Map() })
  }
  const command = (tab: Tab, order: Record<string, unknown>): void => {
    const call = (count += 1)
    tab.open.add(call)
    // Each order below is a command without its number.
    dispatch(tab, { type: 'command', command: { ...order, call } as unknown as Command })
  }

  const check = (tab: Tab): void => {
    const { value } = tab
    const state = tab.compose(value)
    const isWriting = state.messages.some(
      ({ status }) => status === 'pending' || status === 'streaming',
    )
    // Rule 13.
    const isIdle = state.status === 'ready' || state.status === 'error'
    assert(!isIdle || !isWriting)
    assert.equal(state.isBusy, !isIdle && state.status !== 'loading')
    let above: string | null = null
    for (const message of state.messages) {
      assert.equal(message.parentId, above)
      above = message.id
    }
    if (batch.has(tab)) return
    // Rule 23: an open promise has a home.
    const waiting = new Set(value.here.commands.map(({ call }) => call))
    for (const call of tab.open) assert(waiting.has(call) || value.here.calls.has(call))
    const derived = deriveTree(value.kept, value.tree.chosen)
    assert.deepEqual(value.tree.children, derived.children)
    assert.deepEqual(value.tree.nodes, derived.nodes)
  }
  /** Tabs in the middle of an action: what settles later in it is still open. */
  const batch = new Set<Tab>()

  const act = (tab: Tab, work: () => void): void => {
    batch.add(tab)
    work()
    batch.delete(tab)
    check(tab)
  }
  return {
    tabs,
    opened,
    act,
    asked,
    command,
    dispatch,
    read,
    readTorn,
    write,
    typed,
    jobs,
    id,
    answers,
    stored: () => stored,
  }
}

type World = ReturnType<typeof createWorld>

const names = [
  'send',
  'send',
  'send',
  'send-interrupt',
  'regenerate',
  'edit',
  'retry',
  'continue',
  'resume',
  'stop',
  'detach',
  'switch',
  'take-back',
  'send-now',
  'remove',
  'append',
  'update',
  'rename',
  'clear-error',
  'look',
  'read',
  'read-torn',
  'write',
  'say',
  'say',
  'accept',
  'accept',
  'finish',
  'finish',
  'cut',
  'refuse',
  'gone',
  'crash',
  'open',
  'destroy',
] as const
const action = fc.record({
  name: fc.constantFrom(...names),
  tab: fc.nat(2),
  at: fc.nat(5),
})

function play(
  world: World,
  { name, tab: which, at }: { name: (typeof names)[number]; tab: number; at: number },
): void {
  const tab = world.tabs[which % world.tabs.length]
  if (!tab) return
  // A storage answers soon, most of the time.
  if (tab.wantsRead && at > 0) world.act(tab, () => world.read(tab))
  const path = visiblePath(tab.value.tree)
  const pick = <T>(list: readonly T[]): T | undefined => list[at % Math.max(1, list.length)]
  const messageId = pick(path)?.id ?? 'none'
  const ids = () => ({ id: world.id('turn'), answerId: world.id('answer') })
  const content = (text: string) => ({
    parts: [{ type: 'text', text }],
    files: [],
    metadata: undefined,
  })
  const [work] = [...tab.works].slice(at % Math.max(1, tab.works.size))
  const end = (outcome: object): void => {
    if (!work) return
    const [answerId, { attempt, type }] = work
    tab.works.delete(answerId)
    const body = tab.value.kept.messages.get(answerId)?.body
    const isKept = outcome === failures.cut
    if (type === 'follow' && body?.job && !isKept) world.jobs.delete(body.job.requestId)
    const result = outcome instanceof FalLlmError ? { ok: false, error: outcome, timing } : outcome
    world.dispatch(tab, {
      type: 'answer-ended',
      id: answerId,
      attempt,
      // An outcome as the work on an answer ends.
      outcome: result as never,
    })
  }
  world.act(tab, () => {
    switch (name) {
      case 'send':
      case 'send-interrupt': {
        const turn = ids()
        if (!tab.value.here.isClosed) world.typed.set(turn.id, `words of ${turn.id}`)
        const whenBusy = name === 'send' ? 'queue' : 'interrupt'
        const said = content(`words of ${turn.id}`)
        return world.command(tab, { do: 'send', ...turn, content: said, asked: {}, whenBusy })
      }
      case 'regenerate':
        return world.command(tab, { do: name, answerId: world.id('answer'), asked: {} })
      case 'edit': {
        const turn = ids()
        return world.command(tab, {
          do: name,
          messageId,
          ...turn,
          content: content('edited'),
          asked: {},
        })
      }
      case 'retry':
        return world.command(tab, { do: name, answerId: world.id('answer') })
      case 'switch':
        return world.command(tab, { do: name, messageId, to: at })
      case 'take-back':
      case 'send-now': {
        const waiting = pick(lineOf(tab.value.kept))?.[0] ?? 'none'
        return world.command(tab, { do: name, messageId: waiting })
      }
      case 'remove':
        for (const one of subtreeOf(tab.value.tree, messageId)) world.typed.delete(one)
        return world.command(tab, { do: name, messageId })
      case 'append': {
        const body = {
          attempt: 0,
          ended: true,
          role: 'user',
          parts: [],
          status: 'done',
          createdAt: 0,
        }
        return world.command(tab, { do: name, message: { id: world.id('turn'), entry: { body } } })
      }
      case 'update':
        return world.command(tab, { do: name, messageId, metadata: at, hasMetadata: true })
      case 'rename':
        return world.command(tab, { do: name, title: `title ${at}` })
      case 'continue':
      case 'resume':
      case 'stop':
      case 'detach':
      case 'clear-error':
        return world.command(tab, { do: name })
      case 'destroy':
        world.command(tab, { do: name })
        expect(tab.open.size).toBe(0)
        return world.write(tab)
      case 'look':
        return world.dispatch(tab, { type: 'looked-at' })
      case 'read':
        return world.read(tab)
      case 'read-torn':
        return world.readTorn(tab, (index) => (index + at) % 2 === 0)
      case 'write':
        return world.write(tab)
      case 'say': {
        if (!work) return
        const events = [{ type: 'text-delta' as const, delta: `${at} ` }]
        return world.dispatch(tab, {
          type: 'answer-events',
          id: work[0],
          attempt: work[1].attempt,
          events,
        })
      }
      case 'accept': {
        if (work?.[1].type !== 'ask') return
        const [answerId, { attempt }] = work
        if (tab.value.kept.messages.get(answerId)?.body.asked?.mode !== 'durable') return
        const requestId = world.id('job')
        world.jobs.set(requestId, { answerId, attempt, isStored: false, cancelledBy: new Set() })
        tab.works.delete(answerId)
        const job = { requestId, endpoint: 'e' }
        return world.dispatch(tab, { type: 'answer-accepted', id: answerId, attempt, job })
      }
      case 'finish':
        return end({ ok: true, timing, toolCalls: [] })
      case 'cut':
        return end(failures.cut)
      case 'refuse':
        return end(failures.refused)
      case 'gone':
        return end(failures.gone)
      case 'crash':
        world.tabs.splice(world.tabs.indexOf(tab), 1)
        return
      case 'open':
        return
    }
  })
  if (name === 'crash' || (name === 'open' && world.tabs.length < 3)) world.opened()
}

/** All tabs read and write until nothing changes. */
function rest(world: World): Kept {
  for (let round = 0; round < 4; round++) {
    for (const tab of world.tabs) {
      world.act(tab, () => {
        world.read(tab)
        world.write(tab)
      })
    }
  }
  return world.stored() ?? emptyKept
}

const runs = process.env['FUZZ'] ? { numRuns: 50_000 } : { numRuns: 1_500 }

test.each(['stream', 'durable'] as const)(
  'tabs, commands, crashes, %s: nothing typed is lost, every call has a home, each answer is asked once',
  (mode) => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 3, maxLength: 40 }), (actions) => {
        const world = createWorld(mode)
        world.opened()
        const crashed = new Set<string>()
        for (const one of actions) {
          if (one.name === 'crash') {
            // What the crashed tab had not stored is lost with it.
            const tab = world.tabs[one.tab % world.tabs.length]
            for (const id of tab?.value.kept.messages.keys() ?? []) {
              if (!world.stored()?.messages.has(id)) world.typed.delete(id)
            }
            for (const [requestId, job] of world.jobs) {
              if (!job.isStored && tab?.value.kept.messages.has(job.answerId))
                crashed.add(requestId)
            }
          }
          play(world, one)
        }
        const kept = rest(world)
        for (const [id, text] of world.typed) {
          const body = kept.messages.get(id)?.body
          expect(JSON.stringify(body?.parts)).toContain(text)
        }
        for (const [id, parts] of world.answers) {
          const entry = kept.messages.get(id)
          if (entry?.place.rank === 2) expect(JSON.stringify(entry.body.parts)).toBe(parts)
        }
        for (const [requestId, { answerId, attempt, cancelledBy }] of world.jobs) {
          // A person of another tab, where nothing tells that this one lives, has asked for more of it.
          const isAskedAgain = world.asked.has(`${answerId}/${attempt + 1}`)
          if (cancelledBy.size > 0 || crashed.has(requestId) || isAskedAgain) continue
          const entry = kept.messages.get(answerId)
          if (entry?.place.rank !== 2) continue
          expect([entry.body.job?.requestId, entry.body.cancel?.requestId]).toContain(requestId)
        }
      }),
      runs,
    )
  },
  240_000,
)
