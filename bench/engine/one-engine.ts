// One engine in a process of its own.

import { PerformanceObserver } from 'node:perf_hooks'
import { cpuMs } from '../harness/cpu.ts'
import { expectExact } from '../harness/rounds.ts'
import { serve } from '../harness/serve.ts'
import { engines } from './engines.ts'
import type { EngineName, Stage } from './engines.ts'
import { answerOf, usedSinceBegun, installFrames } from './script.ts'
import type { Script } from './script.ts'

/** What is to be measured. */
export interface EngineQuestion {
  readonly engine: EngineName
  readonly history: number
  readonly script: Script
  /** How many answers one measurement takes. */
  readonly times: number
  readonly measure: keyof typeof measures
}

interface Task {
  readonly question: EngineQuestion
  /** Makes a conversation, which is not measured, and returns what is: one more turn. */
  readonly prepare: (stage?: Partial<Stage>) => () => Promise<void>
}

let warmedUp = 0

const measures = {
  'CPU µs per token': async ({ prepare, question: { times, script } }: Task): Promise<number> => {
    // A page that has answered a few dozen times runs compiled code; what is measured is a token, not the compiler.
    for (; warmedUp < 5 * times; warmedUp++) await prepare()()
    // What it took to make the conversations is collected before, not while they are measured.
    const sends = Array.from({ length: times }, () => prepare())
    globalThis.gc?.()
    let sum = 0
    for (const send of sends) {
      await send()
      sum += usedSinceBegun().cpuMs
    }
    return (sum * 1_000) / (times * script.tokens)
  },
  'bytes per token': measureAllocation,
  /** Until there is a conversation with its history. */
  'opening ms': async ({ prepare, question: { times } }: Task): Promise<number> => {
    const work = async (): Promise<void> => {
      for (let count = 0; count < times; count++) prepare()
    }
    return (await cpuMs(work)) / times
  },
  /** Those that brought new text. */
  notifications: async ({ prepare }: Task): Promise<number> => {
    let told = 0
    let last: string | undefined
    const onText = (text: string): void => {
      if (text.startsWith('tok') && text !== last) told += 1
      last = text
    }
    await prepare({ onText })()
    return told
  },
  writes: async ({ prepare }: Task): Promise<number> => {
    let writes = 0
    const send = prepare({ onWrite: () => void (writes += 1) })
    await send()
    return writes
  },
}

/** What the heap grows by while nothing is collected. */
async function measureAllocation({ prepare, question: { script } }: Task): Promise<number> {
  for (let count = 0; count < 5; count++) await prepare()()
  const send = prepare()
  globalThis.gc?.()
  await nextTurn()
  let collections = 0
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length))
  observer.observe({ entryTypes: ['gc'] })
  await send()
  const { heapBytes } = usedSinceBegun()
  await nextTurn()
  observer.disconnect()
  expectExact(collections, 0)
  return heapBytes / script.tokens
}

const nextTurn = (): Promise<void> => new Promise((done) => setTimeout(done, 20))

installFrames()
serve<EngineQuestion>((question) => {
  const { engine, history, script, measure } = question
  const create = engines[engine]
  const answer = answerOf(script)
  return measures[measure]({
    question,
    prepare(stage) {
      const { send } = create({ history, script, onText: () => {}, ...stage })
      return async () => expectExact(await send(), answer)
    },
  })
})
