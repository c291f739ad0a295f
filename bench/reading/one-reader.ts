// One reader in a process of its own: neither its garbage nor what the machine has learnt to run fast is another's.

import { cpuMs, wallMs } from '../harness/cpu.ts'
import { expectExact, quantile } from '../harness/rounds.ts'
import { serve } from '../harness/serve.ts'
import { readers } from './readers.ts'
import type { ReaderName, Source } from './readers.ts'
import type { Wanted } from './stream-server.ts'
import { answerTokens, responseOf, wireFor } from './wire.ts'
import type { Wire } from './wire.ts'

/** What a reader is asked to do. */
export interface ReadQuestion {
  readonly reader: ReaderName
  readonly wanted: Wanted
  /** Without it, the bytes come without a socket: one event per read. */
  readonly baseUrl?: string
  /** How often it is read for one measurement. */
  readonly times: number
  readonly measure: keyof typeof measures
}

interface Task {
  /** Reads once; throws unless the text is exact. */
  readonly read: (onText?: Source['onText']) => Promise<void>
  readonly question: ReadQuestion
}

/** Each says one number. */
const measures = {
  'wall ms': async ({ read, question: { times } }: Task): Promise<number> =>
    (await wallMs(() => repeat(read, times))) / times,
  'CPU ms per 1,000 tokens': async ({ read, question: { times, wanted } }: Task): Promise<number> =>
    ((await cpuMs(() => repeat(read, times))) * 1_000) / (times * wanted.tokens),
  'CPU ms of the first answer': ({ read }: Task): Promise<number> => cpuMs(read),
  'tokens/s': async ({ read, question: { times, wanted } }: Task): Promise<number> =>
    (wanted.tokens * times * 1_000) / (await wallMs(() => repeat(read, times))),
  'peak MB': measureMemory,
  'lag p99 ms': measureLag,
}

async function repeat(read: Task['read'], times: number): Promise<void> {
  for (let count = 0; count < times; count++) await read()
}

async function measureMemory({ read, question }: Task): Promise<number> {
  const small = taskOf({ ...question, wanted: { ...question.wanted, tokens: 300 } })
  await small.read()
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  await read()
  return (process.resourceUsage().maxRSS * 1_024 - before) / 1_048_576
}

async function measureLag({ read, question }: Task): Promise<number> {
  let end = 0
  const ends = answerTokens(question.wanted.tokens).map((token) => (end += token.length))
  const seenAt: number[] = []
  await read((length) => {
    const now = performance.timeOrigin + performance.now()
    while (seenAt.length < ends.length && (ends[seenAt.length] ?? 0) <= length) seenAt.push(now)
  })
  const sentAt = (await (await fetch(`${question.baseUrl}/sent`)).json()) as readonly number[]
  return quantile(
    sentAt.map((sent, index) => (seenAt[index] ?? Infinity) - sent),
    0.99,
  )
}

function taskOf(question: ReadQuestion): Task {
  const { reader, wanted, baseUrl } = question
  const read = readers[wanted.kind === 'deltas' ? 'deltas' : 'snapshots'][reader]
  if (!read) throw new Error(`${reader} does not read ${wanted.kind}`)
  const wire = wireFor(wanted.kind, wanted.tokens)
  return {
    question,
    async read(onText) {
      const text = await read({
        baseUrl: baseUrl ?? 'https://bench',
        prompt: JSON.stringify(wanted),
        ...(baseUrl === undefined && { fetch: async () => responseOf(wire) }),
        ...(onText && { onText }),
      })
      expectExact(text, wantedText(reader, wire))
    },
  }
}

function wantedText(reader: ReaderName, wire: Wire): string {
  return reader === 'floor' ? String(wire.byteLength) : wire.text
}

serve<ReadQuestion>((question) => measures[question.measure](taskOf(question)))
