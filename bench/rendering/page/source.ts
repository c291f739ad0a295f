// The same model for everyone: words fall due by the clock, and who comes late is handed all that is due by then.

import { numberParameter } from './parameters.ts'
import { tokensOfText } from './words.ts'

const msPerToken = 2
const tokens = tokensOfText(numberParameter('tokens'))

/** The whole answer. */
export const answer: string = tokens.join('')

let handOutLast: (dueAt: number) => void = () => {}

/** Resolves when the last token is handed out, with the moment at which it was due. */
export const lastTokenDueAt: Promise<number> = new Promise((resolve) => (handOutLast = resolve))

/** The answer's tokens, 500 a second, those of each reading together. For one reader. */
export async function* readTokens(): AsyncGenerator<readonly string[]> {
  const clock = startClock()
  const startedAt = performance.now()
  for (let given = 0; given < tokens.length;) {
    await clock.tick()
    const elapsedMs = performance.now() - startedAt
    const due = Math.min(tokens.length, Math.floor(elapsedMs / msPerToken))
    if (due <= given) continue
    if (due === tokens.length) handOutLast(startedAt + due * msPerToken)
    yield tokens.slice(given, due)
    given = due
  }
  clock.stop()
}

// A browser's timers are four milliseconds apart at least: two of them, in turn, are two.
const intervalMs = 4

function startClock(): { tick(): Promise<void>; stop(): void } {
  let told = (): void => {}
  const tell = (): void => told()
  const timers = [setInterval(tell, intervalMs)]
  const second = setTimeout(() => timers.push(setInterval(tell, intervalMs)), msPerToken)
  return {
    tick: () => new Promise((done) => (told = done)),
    stop() {
      clearTimeout(second)
      for (const timer of timers) clearInterval(timer)
    },
  }
}
