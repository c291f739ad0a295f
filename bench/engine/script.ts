// What a model writes, for every engine in the same rhythm: some tokens per read, and a frame after every eighth token, as
// at 500 tokens a second on a screen of 60 frames.

import { cpuMs, sleep } from '../harness/rounds.ts'

/** How an answer comes. */
export interface Script {
  readonly tokens: number
  readonly perRead: number
  /** Between two reads, milliseconds; 0: with the next turn of the event loop. */
  readonly everyMs: number
}

const tokensPerFrame = 8

let begun = { cpuMs: 0, heapBytes: 0 }
const used = () => ({ cpuMs: cpuMs(), heapBytes: process.memoryUsage().heapUsed })

/** What was used since the last answer began: the cost of a question is not that of a token. */
export function usedSinceBegun(): { readonly cpuMs: number; readonly heapBytes: number } {
  const now = used()
  return { cpuMs: now.cpuMs - begun.cpuMs, heapBytes: now.heapBytes - begun.heapBytes }
}

/** The whole answer. */
export function answerOf({ tokens }: Script): string {
  return Array.from({ length: tokens }, (_, index) => tokenAt(index)).join('')
}

/** The tokens of each read, one read after the other. */
export async function* readsOf({ tokens, perRead, everyMs }: Script): AsyncGenerator<string[]> {
  begun = used()
  for (let at = 0; at < tokens; at += perRead) {
    await (everyMs > 0 ? sleep(everyMs) : new Promise((done) => setImmediate(done)))
    const end = Math.min(tokens, at + perRead)
    yield Array.from({ length: end - at }, (_, index) => tokenAt(at + index))
    if (Math.floor(end / tokensPerFrame) > Math.floor(at / tokensPerFrame)) showFrame()
  }
}

function tokenAt(index: number): string {
  return index % 12 === 11 ? '\n' : `tok${index % 10} `
}

let frames: { readonly id: number; readonly callback: () => void }[] = []
let requested = 0

function showFrame(): void {
  const due = frames
  // Not a Map: a cleared one keeps its callbacks, and what they hold, until the next full collection.
  frames = []
  for (const { callback } of due) callback()
}

/** Gives this process a screen whose frames come when the script wants them. */
export function installFrames(): void {
  Object.assign(globalThis, {
    requestAnimationFrame(callback: () => void): number {
      frames.push({ id: ++requested, callback })
      return requested
    },
    cancelAnimationFrame(id: number): void {
      frames = frames.filter((frame) => frame.id !== id)
    },
  })
}
