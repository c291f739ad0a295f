import type { ChatMessage } from '@fal-llm/core'
import { nameOf } from './models'

/** Who wrote an answer, how long it took and what it cost. */
export function describeAnswer({ model, timing, usage }: ChatMessage): string {
  return [
    nameOf(model),
    timing && `${(timing.totalMs / 1000).toFixed(1)} s`,
    usage && `${usage.completionTokens} tokens`,
    usage?.costUsd !== undefined && `$${usage.costUsd.toPrecision(2)}`,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** What is said under an answer that did not come to its end; '' under one that did. */
export function describeEnding({ status, text }: ChatMessage): string {
  if (status === 'stopped') return 'Stopped.'
  if (status === 'interrupted') return 'Cut off before its end.'
  return status === 'error' && text !== '' ? 'Failed before its end.' : ''
}
