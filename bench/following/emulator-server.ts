// The emulator in a process of its own. Its model works as long as the prompt says, and notes when each job was done.

import { startEmulator } from '@fal-llm/emulator'
import type { Model } from '@fal-llm/emulator'
import { serve } from '../harness/processes.ts'
import { machineMs, sleep } from '../harness/rounds.ts'

/** What the emulator is asked. */
export type EmulatorQuestion =
  | { readonly ask: 'url' }
  /** How many requests came, and when each job was completed, since it was asked last. */
  | { readonly ask: 'seen' }
  /** That many status streams end after some bytes, each in its own way. */
  | { readonly ask: 'cut'; readonly streams: number }

/** What happened since the last question. */
export interface Seen {
  readonly requests: number
  /** By the job's name, by `machineMs`. */
  readonly completedAt: Readonly<Record<string, number>>
}

let completedAt: Record<string, number> = {}
let counted = 0

/** The prompt is a job's name and its work in milliseconds. */
const model: Model = async function* work({ input }, signal) {
  const [name = '', workMs = '0'] = String(input['prompt']).split(' ')
  await sleep(Number(workMs))
  signal.throwIfAborted()
  yield { type: 'text', text: `done ${name}` }
  completedAt[name] = machineMs()
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost: 0 }
  yield { type: 'end', reason: 'stop', usage }
}
const emulator = await startEmulator({ model, concurrency: 5_000, maxLoggedRequests: 1_000_000 })

function cut(streams: number): void {
  const ways = ['clean', 'drop', 'reset'] as const
  for (let index = 0; index < streams; index++) {
    // One event is about 400 bytes: in the first, between two, in the last, after all.
    const afterBytes = Math.floor(Math.random() * 1_200)
    const how = ways[index % ways.length] ?? 'clean'
    emulator.faults.add({
      match: { call: 'status-stream' },
      fault: { type: 'cut', how, afterBytes },
    })
  }
}

serve<EmulatorQuestion>((question): string | Seen | void => {
  if (question.ask === 'url') return emulator.url
  if (question.ask === 'cut') return cut(question.streams)
  const seen = { requests: emulator.requests.length - counted, completedAt }
  counted = emulator.requests.length
  completedAt = {}
  return seen
})
