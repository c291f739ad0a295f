// Table B: the engine, from the transport's events to the state a screen reads. Every engine has a process of its own.

import { startChild } from './harness/child.ts'
import type { Child } from './harness/child.ts'
import { median } from './harness/rounds.ts'
import { quick } from './harness/settings.ts'
import { countedRow, measure, printTable } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'
import type { EngineName } from './engine/engines.ts'
import type { EngineQuestion } from './engine/one-engine.ts'

interface Case extends Pick<EngineQuestion, 'measure' | 'history'> {
  readonly work: string
  readonly unit: string
  readonly engines: readonly EngineName[]
  readonly goals?: readonly Goal[]
  readonly perRead?: number
  readonly everyMs?: number
  readonly execArgv?: readonly string[]
}

/** How many answers one measurement takes; TanStack waits a timer's turn for every token. */
const timesOf = (engine: EngineName): number => (engine === 'TanStack' ? 1 : 20)

async function run(one: Case): Promise<Row> {
  const { work, unit, engines, goals = [], history, perRead = 1, everyMs = 0 } = one
  const children = new Map<EngineName, Child>()
  const contenders = engines.map((engine) => ({
    // The other way of publishing has its own rows, where it is ours.
    name: engine === 'ours sync' ? 'ours' : engine,
    once: one.measure === 'writes',
    async run() {
      const child = children.get(engine) ?? (await startChild('engine/one-engine.ts', one.execArgv))
      children.set(engine, child)
      return child.ask<number>({
        engine,
        history,
        script: { tokens: 1_000, perRead, everyMs },
        times: timesOf(engine),
        measure: one.measure,
      } satisfies EngineQuestion)
    },
  }))
  try {
    return await measure(work, unit, contenders, goals)
  } finally {
    for (const child of children.values()) child.stop()
  }
}

const everyone = ['ours', 'ai 6', 'TanStack', 'plain store', 'floor'] as const
const others = ['ai 6', 'TanStack', 'plain store', 'floor'] as const
const cpu = { unit: 'µs', measure: 'CPU µs per token', execArgv: ['--expose-gc'] } as const
const to = 'ai 6'

const few = await run({
  ...cpu,
  work: 'CPU per token, H = 10, once a frame',
  history: 10,
  engines: everyone,
})
const some = await run({
  ...cpu,
  work: 'CPU per token, H = 100, once a frame',
  history: 100,
  engines: everyone,
  goals: [{ to, aboveFloor: true, atMost: 0.1 }],
})
const many = await run({
  ...cpu,
  work: 'CPU per token, H = 1,000, once a frame',
  history: 1_000,
  engines: everyone,
  goals: [{ to, aboveFloor: true, atMost: 0.1 }],
})
const growth = (name: string): number =>
  median(many.samples.get(name) ?? []) / median(few.samples.get(name) ?? [])
const rows: Row[] = [
  few,
  some,
  many,
  countedRow(
    '… H = 1,000 over H = 10',
    '×',
    Object.fromEntries(everyone.map((name) => [name, growth(name)])),
    [{ atMost: 1.5 }],
  ),
  await run({
    ...cpu,
    work: 'CPU per token, H = 100, 8 tokens per read, once a frame',
    history: 100,
    perRead: 8,
    engines: everyone,
    goals: [{ to, aboveFloor: true, atMost: 0.15 }],
  }),
  await run({
    ...cpu,
    work: "CPU per token, H = 100, `flush: 'sync'`",
    history: 100,
    engines: ['ours sync', ...others],
    goals: [{ to, aboveFloor: true, atMost: 0.4 }],
  }),
  await run({
    work: 'bytes allocated per token, H = 1,000, once a frame',
    unit: 'bytes',
    measure: 'bytes per token',
    history: 1_000,
    engines: everyone,
    execArgv: ['--expose-gc', '--max-semi-space-size=512', '--min-semi-space-size=512'],
    goals: [{ aboveFloor: true, atMost: 3_000 }],
  }),
  await run({
    work: 'opening a conversation of 1,000 messages',
    unit: 'ms',
    measure: 'opening ms',
    history: 1_000,
    engines: ['ours', 'ai 6', 'TanStack', 'plain store'],
  }),
  await run({
    work: 'notifications with new text, 1,000 tokens in one tick',
    unit: '',
    measure: 'notifications',
    history: 100,
    perRead: 1_000,
    engines: ['ours', 'ai 6', 'TanStack', 'plain store'],
    goals: [{ atMost: 1 }],
  }),
  await run({
    work: 'storage writes, 1,000 tokens in two seconds',
    unit: '',
    measure: 'writes',
    history: 10,
    everyMs: quick ? 1 : 2,
    engines: ['ours', 'TanStack'],
    goals: [{ atMost: 10 }],
  }),
]
printTable('B. The engine', everyone, rows)
