// Table A: reading a stream. Each reader has a process of its own, and so has the server; where a socket would drown the
// difference, a Response without one is read.

import { startChild } from './harness/child.ts'
import type { Child } from './harness/child.ts'
import { median } from './harness/rounds.ts'
import { quick } from './harness/settings.ts'
import { countedRow, measure, printTable } from './harness/table.ts'
import type { Goal, Row } from './harness/table.ts'
import type { ReadQuestion } from './reading/one-reader.ts'
import type { ReaderName } from './reading/readers.ts'
import type { WireKind } from './reading/wire.ts'

const iterate = 'fal-js for await'
const listen = "fal-js on('data')"

const server = await startChild('reading/stream-server.ts')
const baseUrl = await server.ask<string>({})

interface Case {
  readonly work: string
  readonly unit: string
  readonly measure: ReadQuestion['measure']
  readonly kind: WireKind
  readonly tokens: number
  readonly readers: readonly ReaderName[]
  readonly goals?: readonly Goal[]
  /** Measured once. */
  readonly slow?: readonly ReaderName[]
  readonly socket?: boolean
  readonly everyMs?: number
  readonly times?: number
}

async function read(one: Case): Promise<Row> {
  const { work, unit, readers, slow = [], goals = [], kind, tokens, everyMs = 0 } = one
  const children = new Map<ReaderName, Child>()
  // A peak of memory is one process's only once, and so is its first answer.
  const isOneShot = one.measure === 'peak MB' || one.measure === 'CPU ms of the first answer'
  const start = (): Promise<Child> =>
    startChild('reading/one-reader.ts', one.measure === 'peak MB' ? ['--expose-gc'] : [])
  const ask = async (reader: ReaderName): Promise<number> => {
    const child = children.get(reader) ?? (await start())
    children.set(reader, child)
    const answer = await child.ask<number>({
      reader,
      wanted: { kind, tokens, everyMs },
      ...(one.socket && { baseUrl }),
      times: slow.includes(reader) ? 1 : (one.times ?? 1),
      measure: one.measure,
    } satisfies ReadQuestion)
    if (isOneShot) {
      child.stop()
      children.delete(reader)
    }
    return answer
  }
  const contenders = readers.map((name) => ({
    name,
    once: slow.includes(name),
    run: () => ask(name),
  }))
  try {
    return await measure(work, unit, contenders, goals)
  } finally {
    for (const child of children.values()) child.stop()
  }
}

/** How the work for one answer grows with its length: 1 is in proportion. */
function exponentRow(short: Row, long: Row, times: number): Row {
  const exponent = (name: string): number => {
    const [few = Number.NaN, many = Number.NaN] = [short, long].map(({ samples }) =>
      median(samples.get(name) ?? []),
    )
    return 1 + Math.log(many / few) / Math.log(times)
  }
  const values = { ours: exponent('ours'), parser: exponent('parser'), floor: exponent('floor') }
  return countedRow('… as a power of the length, 1,000 to 20,000', '', values, [{ atMost: 1.1 }])
}

const common = { kind: 'snapshots', socket: true } as const
const wall = { ...common, unit: 'ms', measure: 'wall ms' } as const
const cpu = { kind: 'snapshots', unit: 'ms', measure: 'CPU ms per 1,000 tokens' } as const
const first = { kind: 'snapshots', unit: 'ms', measure: 'CPU ms of the first answer' } as const
const memory = {
  ...common,
  unit: 'MB',
  measure: 'peak MB',
  goals: [{ aboveFloor: true, atMost: 10 }],
} as const
const plain = ['ours', 'parser', 'floor'] as const
const all = ['ours', listen, 'parser', 'floor'] as const

const cases = {
  burst: {
    ...common,
    work: 'a burst of 1,000 snapshots',
    unit: 'events/s',
    measure: 'tokens/s',
    tokens: 1_000,
    times: 10,
    readers: ['ours', iterate, listen, 'parser', 'floor'],
    slow: quick ? [iterate, listen] : [iterate],
    goals: [
      { to: 'parser', atLeast: 1 },
      { to: iterate, atLeast: 400 },
    ],
  },
  wall5: {
    ...wall,
    work: '5,000 snapshots over a socket',
    tokens: 5_000,
    times: 3,
    readers: quick ? plain : all,
    slow: [listen],
    goals: [{ to: 'parser', atMost: 0.75 }],
  },
  wall20: {
    ...wall,
    work: '20,000 snapshots over a socket',
    tokens: 20_000,
    readers: all,
    slow: [listen],
    goals: [
      { to: 'parser', atMost: 0.45 },
      { to: listen, atMost: 0.07 },
    ],
  },
  cpu1: {
    ...cpu,
    work: 'CPU per 1,000 tokens of 1,000, no socket',
    tokens: 1_000,
    times: 40,
    readers: all,
  },
  cpu5: {
    ...cpu,
    work: 'CPU per 1,000 tokens of 5,000, no socket',
    tokens: 5_000,
    times: 5,
    readers: quick ? plain : all,
    slow: [listen],
    goals: [{ to: 'parser', atMost: 0.65 }],
  },
  cpu20: {
    ...cpu,
    work: 'CPU per 1,000 tokens of 20,000, no socket',
    tokens: 20_000,
    readers: plain,
    goals: [{ to: 'parser', atMost: 0.45 }],
  },
  first1: {
    ...first,
    work: 'CPU of the first answer of a process, 1,000 tokens, no socket',
    tokens: 1_000,
    readers: plain,
    goals: [{ to: 'parser', atMost: 1 }],
  },
  first2: { ...first, work: '… of 2,000 tokens', tokens: 2_000, readers: plain },
  first5: {
    ...first,
    work: '… of 5,000 tokens',
    tokens: 5_000,
    readers: plain,
    goals: [{ to: 'parser', atMost: 0.5 }],
  },
  deltas: {
    work: 'CPU per 1,000 OpenAI deltas of 5,000, over a socket',
    unit: 'ms',
    measure: 'CPU ms per 1,000 tokens',
    kind: 'deltas',
    socket: true,
    tokens: 5_000,
    times: 5,
    readers: ['ours', 'openai', 'parser', 'floor'],
    goals: [{ to: 'parser', atMost: 1.1 }],
  },
  deltasOneByOne: {
    work: '… no socket, one delta per read',
    unit: 'ms',
    measure: 'CPU ms per 1,000 tokens',
    kind: 'deltas',
    tokens: 5_000,
    times: 5,
    readers: ['ours', 'openai', 'parser', 'floor'],
    goals: [{ to: 'parser', atMost: 1.1 }],
  },
  bigEvent: {
    work: 'one event of 1 MiB in reads of 64 bytes',
    unit: 'ms',
    measure: 'wall ms',
    kind: 'one big event',
    tokens: 1,
    readers: quick ? plain : all,
    slow: [listen],
    goals: [{ to: 'parser', atMost: 2 }],
  },
  manyEvents: {
    work: '40,000 events in one read',
    unit: 'ms',
    measure: 'wall ms',
    kind: 'many events',
    tokens: 40_000,
    readers: plain,
    goals: [{ to: 'parser', atMost: 2 }],
  },
  memory5: { ...memory, work: 'peak memory, 5,000 snapshots', tokens: 5_000, readers: plain },
  memory20: {
    ...memory,
    work: 'peak memory, 20,000 snapshots',
    tokens: 20_000,
    readers: all,
    slow: [listen],
  },
  lag: {
    ...common,
    work: 'delivery lag p99 at 1,000 events/s',
    unit: 'ms',
    measure: 'lag p99 ms',
    tokens: 2_000,
    everyMs: 1,
    readers: ['ours', listen, 'parser'],
    goals: [{ to: 'parser', atMost: 1.2 }],
  },
} satisfies Record<string, Case>

try {
  const rows: Row[] = [await read(cases.burst), await read(cases.wall5)]
  if (!quick) rows.push(await read(cases.wall20))
  const [short, middle, long] = [
    await read(cases.cpu1),
    await read(cases.cpu5),
    await read(cases.cpu20),
  ]
  rows.push(short, middle, long, exponentRow(short, long, 20))
  const rest: Case[] = [
    cases.first1,
    cases.first2,
    cases.first5,
    cases.deltas,
    cases.deltasOneByOne,
    cases.bigEvent,
    cases.manyEvents,
  ]
  rest.push(cases.memory5, ...(quick ? [] : [cases.memory20]), cases.lag)
  for (const one of rest) rows.push(await read(one))
  const columns = ['ours', iterate, listen, 'openai', 'parser', 'floor']
  printTable('A. Reading a stream', columns, rows)
} finally {
  server.stop()
}
