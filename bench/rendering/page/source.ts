// The same model for everyone: tokens fall due by the clock, and a late reader gets all that is due by then.

import { tokensOfText } from './answer-text.ts'

const query = new URLSearchParams(location.search)

/** A number of the page's address; NaN where there is none. */
export function numberParameter(name: string): number {
  return Number(query.get(name) ?? Number.NaN)
}

/** Whether the page's address names something. */
export function hasParameter(name: string): boolean {
  return query.has(name)
}

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
  let resume = (): void => {}
  const tick = (): void => resume()
  const timers = [setInterval(tick, intervalMs)]
  const second = setTimeout(() => timers.push(setInterval(tick, intervalMs)), msPerToken)
  return {
    tick: () => new Promise((done) => (resume = done)),
    stop() {
      clearTimeout(second)
      for (const timer of timers) clearInterval(timer)
    },
  }
}
