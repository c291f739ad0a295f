import { createManualClock, settled } from '@fal-llm/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FalLlmError } from '../errors.ts'
import type { GenerationEvent } from '../events.ts'
import { createDeadline } from '../deadline.ts'
import { appendEvent } from './event-log.ts'
import type { EventLog } from './event-log.ts'
import { subscribeToRun } from './subscribe-to-run.ts'
import { createRun } from './run.ts'
import type { GenerationRun } from './run.ts'

/** A run whose events the test says. */
function scripted() {
  const clock = createManualClock()
  const deadline = createDeadline(clock)
  let emit: (event: GenerationEvent) => void = () => {}
  let finish: () => void = () => {}
  let fail: (error: unknown) => void = () => {}
  const run = createRun({
    deadline,
    endpoint: 'e',
    model: 'm',
    promptTokens: () => 3,
    work(emitter) {
      emit = emitter
      return deadline.race(
        new Promise<void>((resolve, reject) => {
          finish = resolve
          fail = reject
        }),
      )
    },
  })
  const say = (delta: string): void => emit({ type: 'text-delta', delta })
  return {
    run,
    clock,
    deadline,
    say,
    emit: (event: GenerationEvent) => emit(event),
    finish: () => finish(),
    fail: (error: unknown) => fail(error),
  }
}
async function collect(run: GenerationRun): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = []
  for await (const event of run) events.push(event)
  return events
}

test('iterate it and await it: both see the same answer', async () => {
  const { run, say, finish, emit, clock } = scripted()
  const events = collect(run)
  await settled()
  emit({ type: 'start', requestId: 'R', endpoint: 'e', model: 'm', mode: 'stream' })
  clock.advance(400)
  say('Hel')
  await settled()
  say('lo')
  clock.advance(100)
  emit({ type: 'finish', reason: 'stop' })
  finish()
  const result = await run
  expect(result).toMatchObject({ text: 'Hello', finishReason: 'stop', requestId: 'R', model: 'm' })
  expect(result.usage).toMatchObject({ promptTokens: 3, completionTokens: 2, estimated: true })
  expect(result.timing).toMatchObject({ firstTokenMs: 400, totalMs: 500, tokensPerSecond: 20 })
  expect((await events).map((event) => event.type)).toEqual([
    'start',
    'text-delta',
    'text-delta',
    'usage',
    'finish',
  ])
})

test('an iterator that comes late sees everything from the start, unread deltas merged', async () => {
  const { run, say, finish, emit } = scripted()
  await settled()
  for (let count = 0; count < 1_000; count++) say('x')
  emit({ type: 'finish', reason: 'stop' })
  finish()
  await run
  const [words, ...rest] = await collect(run)
  expect(words).toEqual({ type: 'text-delta', delta: 'x'.repeat(1_000) })
  expect(rest.map((event) => event.type)).toEqual(['usage', 'finish'])
})

test('rule 4: leaving the loop early stops the run', async () => {
  const { run, say, deadline } = scripted()
  await settled()
  say('a')
  for await (const event of run) {
    expect(event.type).toBe('text-delta')
    break
  }
  expect(deadline.signal.aborted).toBe(true)
  await expect(run).rejects.toMatchObject({ code: 'aborted', partial: { text: 'a' } })
})

test('rule 4: a run nobody awaits never becomes an unhandled rejection', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  const { fail } = scripted()
  await settled()
  fail(new FalLlmError('provider', 'no'))
  await settled()
  await settled()
  process.off('unhandledRejection', listen)
  expect(unhandled).toEqual([])
})

test('iteration and await reject with the same error, which holds what had arrived', async () => {
  const { run, say, fail } = scripted()
  const events = collect(run)
  await settled()
  say('half')
  fail(new FalLlmError('interrupted', 'cut'))
  const error: unknown = await Promise.resolve(run).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'interrupted', endpoint: 'e', partial: { text: 'half' } })
  await expect(events).rejects.toBe(error)
})

test('rule 3: stop settles at once, and what comes later is not heard', async () => {
  const { run, say } = scripted()
  const events = collect(run).catch((error: unknown) => error)
  await settled()
  await run.stop()
  say('too late')
  expect(await events).toMatchObject({ code: 'aborted', partial: { text: '' } })
  await run.stop()
})

test('rule 3: no event comes between an abort and the end, not even while the work is ending', async () => {
  for (let turns = 0; turns < 10; turns++) {
    let stopped = false
    const late: string[] = []
    const run = createRun({
      deadline: createDeadline(createManualClock()),
      endpoint: 'e',
      model: undefined,
      promptTokens: () => 0,
      async work(emit) {
        emit({ type: 'text-delta', delta: 'all of it' })
        emit({ type: 'finish', reason: 'stop' })
      },
    })
    const ending = subscribeToRun(run, (event) => {
      if (stopped) late.push(event.type)
    }).then(
      () => 'done',
      (error: FalLlmError) => error.code,
    )
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    stopped = true
    await run.stop()
    expect(late).toEqual([])
    expect(['done', 'aborted']).toContain(await ending)
  }
})

test('rule 29: how long an answer took does not depend on the time of day', async () => {
  const manual = createManualClock()
  let offset = 0
  const clock = {
    now: () => manual.now() + offset,
    elapsed: manual.now,
    setTimer: manual.setTimer,
  }
  const run = createRun({
    deadline: createDeadline(clock),
    endpoint: 'e',
    model: undefined,
    promptTokens: () => 0,
    async work(emit) {
      offset = -3_600_000
      manual.advance(700)
      emit({ type: 'text-delta', delta: 'Hi' })
      manual.advance(300)
    },
  })
  expect((await run).timing).toMatchObject({
    startedAt: 1_000_000,
    firstTokenMs: 700,
    totalMs: 1_000,
  })
})

test('a run that is stopped in the tick it was made in never begins', async () => {
  let began = false
  const deadline = createDeadline(createManualClock())
  const run = createRun({
    deadline,
    endpoint: 'e',
    model: undefined,
    promptTokens: () => 0,
    async work() {
      began = true
    },
  })
  await run.stop()
  expect(began).toBe(false)
})

test('nothing is yielded after return(), neither what was unread nor what was waited for', async () => {
  for (const of of ['events', 'words'] as const) {
    const { run, say } = scripted()
    const iterator =
      of === 'events' ? run[Symbol.asyncIterator]() : run.textStream[Symbol.asyncIterator]()
    await settled()
    say('a')
    await settled()
    expect((await iterator.next()).done).toBe(false)
    say('b')
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    await expect(run).rejects.toMatchObject({ code: 'aborted', partial: { text: 'ab' } })
  }
  for (const of of ['events', 'words'] as const) {
    const { run } = scripted()
    const iterator =
      of === 'events' ? run[Symbol.asyncIterator]() : run.textStream[Symbol.asyncIterator]()
    await settled()
    const waiting = iterator.next()
    await iterator.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
  }
})

test('a run that is stopped in the instant its work ends is stopped, and says nothing more', async () => {
  const deadline = createDeadline(createManualClock())
  const run = createRun({
    deadline,
    endpoint: 'e',
    model: undefined,
    promptTokens: () => 0,
    async work(emit) {
      emit({ type: 'text-delta', delta: 'a' })
      emit({ type: 'finish', reason: 'stop' })
      queueMicrotask(() => void run.stop())
    },
  })
  const events: GenerationEvent[] = []
  const reading = (async () => {
    for await (const event of run) events.push(event)
  })()
  await expect(reading).rejects.toMatchObject({ code: 'aborted', partial: { text: 'a' } })
  expect(events.map(({ type }) => type)).toEqual(['text-delta'])
})

test('usage in every event is one usage in the log, the last one', async () => {
  const { run, say, emit, finish } = scripted()
  await settled()
  for (let count = 1; count <= 1_000; count++) {
    say('x')
    const usage = { promptTokens: 1, completionTokens: count, totalTokens: count + 1 }
    emit({ type: 'usage', usage: { ...usage, costUsd: undefined, estimated: false } })
  }
  emit({ type: 'finish', reason: 'stop' })
  const late = collect(run)
  finish()
  await run
  for (const events of [await late, await collect(run)]) {
    expect(events).toMatchObject([
      { type: 'text-delta', delta: 'x'.repeat(1_000) },
      { type: 'usage', usage: { completionTokens: 1_000 } },
      { type: 'finish' },
    ])
  }
})

test('textStream gives the words only', async () => {
  const { run, say, emit, finish } = scripted()
  await settled()
  emit({ type: 'reasoning-delta', delta: 'hm' })
  say('yes')
  emit({ type: 'finish', reason: 'stop' })
  finish()
  const words: string[] = []
  for await (const delta of run.textStream) words.push(delta)
  expect(words).toEqual(['yes'])
})

test('rule 7: however late a reader comes, the words add up; the log holds the answer, not the stream', async () => {
  const event = fc.oneof(
    fc.record({ type: fc.constant('text-delta' as const), delta: fc.string({ minLength: 1 }) }),
    fc.record({
      type: fc.constant('reasoning-delta' as const),
      delta: fc.string({ minLength: 1 }),
    }),
    fc.constant<GenerationEvent>({ type: 'reset', reason: 'rewrite' }),
    fc.nat(9).map<GenerationEvent>((promptTokens) => ({
      type: 'usage',
      usage: { promptTokens, completionTokens: 0, totalTokens: 0, costUsd: 0, estimated: false },
    })),
    fc.constant<GenerationEvent>({
      type: 'queue-update',
      requestId: 'r',
      status: 'IN_QUEUE',
      logs: [],
    }),
  )
  const words = (events: readonly GenerationEvent[]): unknown[] => {
    let said: unknown[] = ['', '']
    for (const heard of events) {
      if (heard.type === 'reset') said = ['', '']
      if (heard.type === 'text-delta') said[0] += heard.delta
      if (heard.type === 'reasoning-delta') said[1] += heard.delta
    }
    said.push(events.findLast((heard) => heard.type === 'usage' && !heard.usage.estimated))
    return said
  }
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 40 }), fc.nat(40), async (events, late) => {
      const log: EventLog = []
      for (const heard of events) appendEvent(log, heard)
      expect(words(log)).toEqual(words(events))
      const marks = events.filter((heard) => heard.type === 'queue-update').length
      expect(log.length).toBeLessThanOrEqual(3 * marks + 5)
      const { run, emit, finish } = scripted()
      await settled()
      for (const heard of events.slice(0, late)) emit(heard)
      const reading = collect(run)
      for (const heard of events.slice(late)) emit(heard)
      finish()
      expect(words(await reading)).toEqual(words(events))
    }),
    { numRuns: 200 },
  )
})

test('nothing of a run is an accessor: each would keep its words until the next full collection', () => {
  const { run } = scripted()
  const fields = Object.values(Object.getOwnPropertyDescriptors(run))
  expect(fields.filter(({ get }) => get !== undefined)).toEqual([])
})
