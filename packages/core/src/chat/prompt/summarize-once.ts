import { FalLlmError, toFalLlmError } from '../../errors.ts'
import type { ChatMessage } from '../state.ts'
import type { MemoryPolicy } from './select-turns.ts'

/** Waits for a summary. Resolves with '' when there is none in time. Never rejects. */
export type Summarizer = (
  dropped: readonly ChatMessage[],
  memory: MemoryPolicy,
  options: SummaryOptions,
) => Promise<string>

/** How long a summary may take, and who hears that it failed. */
export interface SummaryOptions {
  /** Milliseconds. */
  readonly callbackMs: number
  /** Must not throw. */
  readonly report: (error: FalLlmError) => void
}

/** setTimeout fires at once for what is longer. */
const longestTimerMs = 2 ** 31 - 1

/** Remembers the summary of the last set of turns, one that is still awaited too; one that failed is asked again. */
export function createSummarizer(): Summarizer {
  let last: { readonly key: string; readonly summary: Promise<string> } | undefined
  return (dropped, memory, { callbackMs, report }) => {
    const key = JSON.stringify(dropped.map(({ id }) => id))
    if (last?.key !== key) {
      const summary = askSummary(dropped, memory)
      const asked = { key, summary }
      last = asked
      summary.catch((thrown: unknown) => {
        if (last === asked) last = undefined
        report(toFalLlmError(thrown))
      })
    }
    return within(last.summary, callbackMs, report)
  }
}

async function askSummary(dropped: readonly ChatMessage[], memory: MemoryPolicy): Promise<string> {
  const summary: unknown = await memory.summarize?.(dropped)
  if (typeof summary === 'string') return summary
  throw new FalLlmError('invalid-input', 'memory.summarize must resolve with a text')
}

function within(
  summary: Promise<string>,
  callbackMs: number,
  report: SummaryOptions['report'],
): Promise<string> {
  return new Promise((resolve) => {
    const giveUp = (): void => {
      resolve('')
      const error = new FalLlmError(
        'timeout',
        `memory.summarize took longer than ${callbackMs} ms: what it was to sum up is left out unsaid. ` +
          'Make it faster, or raise timeouts.callbackMs',
      )
      report(error)
    }
    const timer = setTimeout(giveUp, Math.min(callbackMs, longestTimerMs))
    const settle = (text: string): void => {
      clearTimeout(timer)
      resolve(text)
    }
    summary.then(settle, () => settle(''))
  })
}
