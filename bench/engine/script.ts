// What a model says, for every engine in the same rhythm: so many tokens per read, and a frame after every eighth, as at
// 500 tokens a second on a screen of 60 frames.

/** How an answer comes. */
export interface Script {
  readonly tokens: number
  readonly perRead: number
  /** Between two reads, milliseconds; 0: with the next turn of the event loop. */
  readonly everyMs: number
}

const tokensPerFrame = 8

let begun = { cpu: process.cpuUsage(), heap: 0 }

/** What has been used since the last answer began: what a question costs is not a token's. */
export function usedSinceBegun(): { readonly cpuMs: number; readonly heapBytes: number } {
  const { user, system } = process.cpuUsage(begun.cpu)
  const heapBytes = process.memoryUsage().heapUsed - begun.heap
  return { cpuMs: (user + system) / 1_000, heapBytes }
}

/** The whole answer. */
export function answerOf({ tokens }: Script): string {
  return Array.from({ length: tokens }, (_, index) => tokenAt(index)).join('')
}

/** The tokens of each read, one read after the other. */
export async function* readsOf({ tokens, perRead, everyMs }: Script): AsyncGenerator<string[]> {
  begun = { cpu: process.cpuUsage(), heap: process.memoryUsage().heapUsed }
  for (let at = 0; at < tokens; at += perRead) {
    await (everyMs > 0 ? sleep(everyMs) : nextTurn())
    const end = Math.min(tokens, at + perRead)
    yield Array.from({ length: end - at }, (_, index) => tokenAt(at + index))
    if (Math.floor(end / tokensPerFrame) > Math.floor(at / tokensPerFrame)) showFrame()
  }
}

function tokenAt(index: number): string {
  return index % 12 === 11 ? '\n' : `tok${index % 10} `
}

const nextTurn = (): Promise<void> => new Promise((done) => setImmediate(done))
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

let frames: { readonly id: number; readonly callback: () => void }[] = []
let asked = 0

function showFrame(): void {
  const due = frames
  // Not a Map: a cleared one keeps its callbacks, and what they hold, until the next full collection.
  frames = []
  for (const { callback } of due) callback()
}

/** Gives this process a screen: frames come when the script says so. */
export function installFrames(): void {
  Object.assign(globalThis, {
    requestAnimationFrame(callback: () => void): number {
      frames.push({ id: ++asked, callback })
      return asked
    },
    cancelAnimationFrame(id: number): void {
      frames = frames.filter((frame) => frame.id !== id)
    },
  })
}
