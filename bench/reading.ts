// Table A: reading a stream. Each reader has a process of its own, and so has the server. Where a socket would hide the
// difference, a Response without one is read.

import { createProcesses } from './harness/processes.ts'
import { median, quick } from './harness/rounds.ts'
import { countedRow, measure, printTable } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'
import type { ReadQuestion } from './reading/reader-process.ts'
import type { ReaderName } from './reading/readers.ts'
import type { WireKind } from './reading/wire.ts'

const iterate = 'fal-js for await'
const listen = "fal-js on('data')"
const plain: readonly ReaderName[] = ['ours', 'parser', 'floor']
const all: readonly ReaderName[] = ['ours', listen, 'parser', 'floor']
const openAi: readonly ReaderName[] = ['ours', 'openai', 'parser', 'floor']

interface Case {
  readonly work: string
  readonly unit: string
  readonly measure: ReadQuestion['measure']
  readonly tokens: number
  readonly readers: readonly ReaderName[]
  readonly goals?: readonly Goal[]
  /** Default: snapshots. */
  readonly kind?: WireKind
  /** Readers that are measured once. */
  readonly slow?: readonly ReaderName[]
  /** Over a socket. */
  readonly socket?: boolean
  readonly everyMs?: number
  /** How often a reader that is not slow reads for one measurement. Default 1. */
  readonly times?: number
}

const server = createProcesses('reading/stream-server.ts')
const baseUrl = await server.ask<string>('server', {})

async function read(one: Case): Promise<Row> {
  const { work, unit, goals = [], slow = [], kind = 'snapshots', tokens, everyMs = 0 } = one
  // A process has one peak of memory and one first answer.
  const isOneShot = one.measure === 'peak MB' || one.measure === 'CPU ms of the first answer'
  const execArgv = one.measure === 'peak MB' ? ['--expose-gc'] : []
  const processes = createProcesses('reading/reader-process.ts', execArgv)
  const contenders = one.readers.map((reader) => ({
    name: reader,
    once: slow.includes(reader),
    async run() {
      const sample = await processes.ask<number>(reader, {
        reader,
        wanted: { kind, tokens, everyMs },
        baseUrl: one.socket ? baseUrl : undefined,
        times: slow.includes(reader) ? 1 : (one.times ?? 1),
        measure: one.measure,
      } satisfies ReadQuestion)
      if (isOneShot) processes.stop(reader)
      return sample
    },
  }))
  try {
    return await measure({ work, unit, goals }, contenders)
  } finally {
    processes.stopAll()
  }
}

/** How the work for one answer grows with its length: 1 is in proportion. */
function exponentRow(short: Row, long: Row, times: number): Row {
  const exponent = (name: string): number => {
    const [few = NaN, many = NaN] = [short, long].map((row) => median(row.samples.get(name) ?? []))
    return 1 + Math.log(many / few) / Math.log(times)
  }
  return countedRow(
    { work: '… as a power of the length, 1,000 to 20,000', unit: '', goals: [{ atMost: 1.1 }] },
    { ours: exponent('ours'), parser: exponent('parser'), floor: exponent('floor') },
  )
}

const count = (tokens: number): string => tokens.toLocaleString('en-US')
const overParser = (atMost: number): { readonly goals: readonly Goal[] } => ({
  goals: [{ to: 'parser', atMost }],
})
const wall = (work: string, more: Pick<Case, 'tokens' | 'readers'> & Partial<Case>): Case => ({
  work,
  unit: 'ms',
  measure: 'wall ms',
  slow: [listen],
  ...more,
})
const cpu = (tokens: number, more: Pick<Case, 'readers'> & Partial<Case>): Case => ({
  work: `CPU per 1,000 tokens of ${count(tokens)}, no socket`,
  unit: 'ms',
  measure: 'CPU ms per 1,000 tokens',
  tokens,
  ...more,
})
const first = (work: string, tokens: number, goal: Partial<Case> = {}): Case => {
  return {
    work,
    unit: 'ms',
    measure: 'CPU ms of the first answer',
    tokens,
    readers: plain,
    ...goal,
  }
}
const memory = (tokens: number, readers: readonly ReaderName[]): Case => ({
  work: `peak memory, ${count(tokens)} snapshots`,
  unit: 'MB',
  measure: 'peak MB',
  socket: true,
  tokens,
  readers,
  slow: [listen],
  goals: [{ aboveFloor: true, atMost: 10 }],
})
const deltas = { kind: 'deltas', times: 5, readers: openAi, ...overParser(1.1) } as const
const quickOrAll = quick ? plain : all
const socket = true

const burst: Case = {
  work: 'a burst of 1,000 snapshots',
  unit: 'events/s',
  measure: 'tokens/s',
  socket,
  tokens: 1_000,
  times: 10,
  readers: ['ours', iterate, listen, 'parser', 'floor'],
  slow: quick ? [iterate, listen] : [iterate],
  goals: [
    { to: 'parser', atLeast: 1 },
    { to: iterate, atLeast: 400 },
  ],
}
const wall5 = { socket, tokens: 5_000, times: 3, readers: quickOrAll, ...overParser(0.75) }
const goals20: readonly Goal[] = [...overParser(0.45).goals, { to: listen, atMost: 0.07 }]
const wall20 = { socket, tokens: 20_000, readers: all, goals: goals20 }
const cpuCases: readonly Case[] = [
  cpu(1_000, { times: 40, readers: all }),
  cpu(5_000, { times: 5, readers: quickOrAll, slow: [listen], ...overParser(0.65) }),
  cpu(20_000, { readers: plain, ...overParser(0.45) }),
]
const bigEvent = { kind: 'one big event', tokens: 1, readers: quickOrAll } as const
const manyEvents = { kind: 'many events', tokens: 40_000, readers: plain } as const
const otherCases: readonly Case[] = [
  first('CPU of the first answer of a process, 1,000 tokens, no socket', 1_000, overParser(1)),
  first('… of 2,000 tokens', 2_000),
  first('… of 5,000 tokens', 5_000, overParser(0.5)),
  cpu(5_000, { work: 'CPU per 1,000 OpenAI deltas of 5,000, over a socket', socket, ...deltas }),
  cpu(5_000, { work: '… no socket, one delta per read', ...deltas }),
  wall('one event of 1 MiB in reads of 64 bytes', { ...bigEvent, ...overParser(2) }),
  wall('40,000 events in one read', { ...manyEvents, ...overParser(2) }),
  memory(5_000, plain),
  ...(quick ? [] : [memory(20_000, all)]),
  {
    work: 'delivery lag p99 at 1,000 events/s',
    unit: 'ms',
    measure: 'lag p99 ms',
    socket,
    tokens: 2_000,
    everyMs: 1,
    readers: ['ours', listen, 'parser'],
    ...overParser(1.2),
  },
]

try {
  const rows = [await read(burst)]
  rows.push(await read(wall('5,000 snapshots over a socket', wall5)))
  if (!quick) rows.push(await read(wall('20,000 snapshots over a socket', wall20)))
  const cpuRows: Row[] = []
  for (const one of cpuCases) cpuRows.push(await read(one))
  const [short, , long] = cpuRows
  rows.push(...cpuRows, ...(short && long ? [exponentRow(short, long, 20)] : []))
  for (const one of otherCases) rows.push(await read(one))
  const columns = ['ours', iterate, listen, 'openai', 'parser', 'floor']
  printTable('A. Reading a stream', columns, rows)
} finally {
  server.stopAll()
}
