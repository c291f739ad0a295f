// Table B: the engine, from the transport's events to the state a screen reads. Every engine has a process of its own.

import type { EngineQuestion } from './engine/engine-process.ts'
import type { EngineName } from './engine/engines.ts'
import { createProcesses } from './harness/processes.ts'
import { median, quick } from './harness/rounds.ts'
import { countedRow, measure, printTable } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'

interface Case extends Pick<EngineQuestion, 'measure' | 'history'> {
  readonly work: string
  readonly unit: string
  readonly engines: readonly EngineName[]
  readonly goals?: readonly Goal[]
  readonly perRead?: number
  readonly everyMs?: number
  readonly execArgv?: readonly string[]
}

async function run(one: Case): Promise<Row> {
  const { work, unit, engines, goals = [], history, perRead = 1, everyMs = 0 } = one
  const processes = createProcesses('engine/engine-process.ts', one.execArgv)
  const contenders = engines.map((engine) => ({
    // The other way of publishing has its own rows, where it is ours.
    name: engine === 'ours sync' ? 'ours' : engine,
    once: one.measure === 'writes',
    run: () =>
      processes.ask<number>(engine, {
        engine,
        history,
        script: { tokens: 1_000, perRead, everyMs },
        // TanStack waits a timer's turn for every token.
        times: engine === 'TanStack' ? 1 : 20,
        measure: one.measure,
      } satisfies EngineQuestion),
  }))
  try {
    return await measure({ work, unit, goals }, contenders)
  } finally {
    processes.stopAll()
  }
}

const stores: readonly EngineName[] = ['ours', 'ai 6', 'TanStack', 'plain store']
const everyone: readonly EngineName[] = [...stores, 'floor']

function cpu(work: string, history: number, more: Partial<Case> = {}): Promise<Row> {
  const execArgv = ['--expose-gc']
  const common = { unit: 'µs', measure: 'CPU µs per token', engines: everyone, execArgv } as const
  return run({ ...common, work: `CPU per token, ${work}`, history, ...more })
}

const underAi = (atMost: number): Partial<Case> => ({
  goals: [{ to: 'ai 6', aboveFloor: true, atMost }],
})

const few = await cpu('H = 10, once a frame', 10)
const some = await cpu('H = 100, once a frame', 100, underAi(0.1))
const many = await cpu('H = 1,000, once a frame', 1_000, underAi(0.1))
const growth = (name: string): number =>
  median(many.samples.get(name) ?? []) / median(few.samples.get(name) ?? [])
const rows: readonly Row[] = [
  few,
  some,
  many,
  countedRow(
    { work: '… H = 1,000 over H = 10', unit: '×', goals: [{ atMost: 1.5 }] },
    Object.fromEntries(everyone.map((name) => [name, growth(name)])),
  ),
  await cpu('H = 100, 8 tokens per read, once a frame', 100, { perRead: 8, ...underAi(0.15) }),
  await cpu("H = 100, `flush: 'sync'`", 100, {
    engines: ['ours sync', ...everyone.slice(1)],
    ...underAi(0.4),
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
    engines: stores,
  }),
  await run({
    work: 'notifications with new text, 1,000 tokens in one tick',
    unit: '',
    measure: 'notifications',
    history: 100,
    perRead: 1_000,
    engines: stores,
    goals: [{ atMost: 1 }],
  }),
  await run({
    work: 'writes of the conversation, 1,000 tokens in two seconds',
    unit: '',
    measure: 'writes',
    history: 10,
    everyMs: quick ? 1 : 2,
    engines: ['ours', 'TanStack'],
    goals: [{ atMost: 10 }],
  }),
]
printTable('B. The engine', everyone, rows)
