// One engine in a process of its own.

import { PerformanceObserver } from 'node:perf_hooks'
import { serve } from '../harness/processes.ts'
import { cpuMs, expectExact, sleep } from '../harness/rounds.ts'
import { engines } from './engines.ts'
import type { EngineName, Stage } from './engines.ts'
import { answerOf, installFrames, readsOf, usedSinceBegun } from './script.ts'
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

type Task = EngineQuestion & {
  /** Makes a conversation, which is not measured, and returns what is: one more turn. */
  readonly prepare: (stage?: Partial<Stage>) => () => Promise<void>
}

let warmedUp = 0

const measures = {
  'CPU µs per token': async ({ prepare, times, script }: Task): Promise<number> => {
    // After a few dozen answers the code of a page is compiled: a token is measured, not the compiler.
    for (; warmedUp < 5 * times; warmedUp++) await prepare()()
    // The garbage of making the conversations is collected before they are measured.
    const sends = Array.from({ length: times }, () => prepare())
    globalThis.gc?.()
    let sum = 0
    for (const send of sends) {
      await send()
      sum += usedSinceBegun().cpuMs
    }
    return (sum * 1_000) / (times * script.tokens)
  },
  /** What the heap grows by while nothing is collected. */
  'bytes per token': async ({ prepare, script }: Task): Promise<number> => {
    for (let count = 0; count < 5; count++) await prepare()()
    const send = prepare()
    globalThis.gc?.()
    await sleep(20)
    let collections = 0
    const observer = new PerformanceObserver((list) => (collections += list.getEntries().length))
    observer.observe({ entryTypes: ['gc'] })
    await send()
    const { heapBytes } = usedSinceBegun()
    await sleep(20)
    observer.disconnect()
    expectExact(collections, 0)
    return heapBytes / script.tokens
  },
  /** Until there is a conversation with its history. */
  'opening ms': async ({ prepare, times }: Task): Promise<number> => {
    const before = cpuMs()
    for (let count = 0; count < times; count++) prepare()
    return (cpuMs() - before) / times
  },
  /** Those that brought new text. */
  notifications: async ({ prepare }: Task): Promise<number> => {
    let notifications = 0
    let last: string | undefined
    const onText = (text: string): void => {
      if (text.startsWith('tok') && text !== last) notifications += 1
      last = text
    }
    await prepare({ onText })()
    return notifications
  },
  writes: async ({ prepare }: Task): Promise<number> => {
    let writes = 0
    await prepare({ onWrite: () => void (writes += 1) })()
    return writes
  },
}

installFrames()
serve<EngineQuestion>((asked) => {
  const { engine, history, script, measure } = asked
  const answer = answerOf(script)
  const base: Stage = { history, readTokens: () => readsOf(script), onText() {} }
  return measures[measure]({
    ...asked,
    prepare(stage) {
      const send = engines[engine]({ ...base, ...stage })
      return async () => expectExact(await send(), answer)
    },
  })
})
