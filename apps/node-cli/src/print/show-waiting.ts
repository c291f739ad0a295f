import { toModelName } from '@fal-llm/app-shared/text/model-groups'
import type { GenerationEvent } from '@fal-llm/core'
import { toPrintable } from './printable.ts'
import type { Progress } from './progress.ts'

/** Begins the progress line of an answer. Never throws. */
export function sayAsked(progress: Progress, model: string): void {
  progress.say(`${toModelName(model)} is asked`)
}

/** Keeps the progress line true while there are no words yet. Never throws. */
export function showWaiting(progress: Progress, event: GenerationEvent): void {
  if (event.type !== 'queue-update') return
  for (const line of event.logs) progress.log(`│ ${toPrintable(line.message)}`)
  progress.say(describeStatus(event))
}

function describeStatus({
  status,
  position,
}: Extract<GenerationEvent, { type: 'queue-update' }>): string {
  if (status === 'IN_PROGRESS') return 'The job is running'
  if (status === 'COMPLETED') return 'The job is done, fetching the answer'
  if (position === undefined) return 'In the queue'
  return position === 0 ? 'In the queue, next to run' : `In the queue, ${position} before this one`
}
