// One reader in a process of its own: no other reader's garbage, and no code compiled for another.

import { cpuMs, expectExact, machineMs, quantile } from '../harness/rounds.ts'
import { serve } from '../harness/processes.ts'
import { readers } from './readers.ts'
import type { ReaderName, Source } from './readers.ts'
import type { Wanted } from './stream-server.ts'
import { answerTokens, responseOf, wireFor } from './wire.ts'

/** What a reader is asked to do. */
export interface ReadQuestion {
  readonly reader: ReaderName
  readonly wanted: Wanted
  /** Without it the bytes come without a socket: one event per read. */
  readonly baseUrl: string | undefined
  /** How often it reads for one measurement. */
  readonly times: number
  readonly measure: keyof typeof measures
}

type Task = ReadQuestion & {
  /** Reads once; throws unless the text is exact. */
  readonly read: (onText?: Source['onText']) => Promise<void>
}

const measures = {
  'wall ms': async (task: Task): Promise<number> => (await repeat(task)).wallMs / task.times,
  'tokens/s': async (task: Task): Promise<number> =>
    (task.wanted.tokens * task.times * 1_000) / (await repeat(task)).wallMs,
  'CPU ms per 1,000 tokens': async (task: Task): Promise<number> =>
    ((await repeat(task)).cpuMs * 1_000) / (task.times * task.wanted.tokens),
  'CPU ms of the first answer': async (task: Task): Promise<number> => (await repeat(task)).cpuMs,
  'peak MB': async (task: Task): Promise<number> => {
    await taskOf({ ...task, wanted: { ...task.wanted, tokens: 300 } }).read()
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    await task.read()
    return (process.resourceUsage().maxRSS * 1_024 - before) / 1_048_576
  },
  'lag p99 ms': async ({ read, wanted, baseUrl }: Task): Promise<number> => {
    let end = 0
    const ends = answerTokens(wanted.tokens).map((token) => (end += token.length))
    const seenAt: number[] = []
    await read((length) => {
      const now = machineMs()
      while (seenAt.length < ends.length && (ends[seenAt.length] ?? 0) <= length) seenAt.push(now)
    })
    const sentAt = (await (await fetch(`${baseUrl}/sent`)).json()) as readonly number[]
    const lags = sentAt.map((sent, index) => (seenAt[index] ?? Infinity) - sent)
    return quantile(lags, 0.99)
  },
}

async function repeat({ read, times }: Task): Promise<{ wallMs: number; cpuMs: number }> {
  const startedAt = performance.now()
  const before = cpuMs()
  for (let count = 0; count < times; count++) await read()
  return { wallMs: performance.now() - startedAt, cpuMs: cpuMs() - before }
}

function taskOf(question: ReadQuestion): Task {
  const { reader, wanted, baseUrl } = question
  const read = readers[wanted.kind === 'deltas' ? 'deltas' : 'snapshots'][reader]
  if (!read) throw new Error(`${reader} does not read ${wanted.kind}`)
  const wire = wireFor(wanted.kind, wanted.tokens)
  return {
    ...question,
    async read(onText) {
      const text = await read({
        baseUrl: baseUrl ?? 'https://bench',
        prompt: JSON.stringify(wanted),
        ...(baseUrl === undefined && { fetch: async () => responseOf(wire) }),
        ...(onText && { onText }),
      })
      expectExact(text, reader === 'floor' ? String(wire.byteLength) : wire.text)
    },
  }
}

serve<ReadQuestion>((question) => measures[question.measure](taskOf(question)))
