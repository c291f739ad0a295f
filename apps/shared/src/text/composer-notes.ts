import type { ChatState } from '@fal-llm/core'
import type { AttachmentsState } from '../stores/attachments.ts'
import { toRouteNote } from '../llm/image-route.ts'
import type { Settings } from '../stores/settings.ts'

/** A sentence above the field. */
export interface ComposerNote {
  readonly text: string
  /** bad: something went wrong. quiet: good to know. */
  readonly tone: 'bad' | 'quiet'
}

/**
 * The notes above the composer's field: failed and refused images first, then what Send waits for
 * and who answers, and that nothing is being kept, for as long as that is so.
 */
export function toComposerNotes(
  { items, refusal, blocker }: AttachmentsState,
  settings: Settings,
  storage: ChatState['storage'],
): readonly ComposerNote[] {
  const bad = items.flatMap(({ name, problem }) => (problem ? [`${name}: ${problem}`] : []))
  const quiet = [
    blocker,
    items.length > 0 ? toRouteNote(settings) : undefined,
    storage === 'failed' ? notKept : undefined,
  ]
  return [
    ...[refusal, ...bad].flatMap((text) => (text ? [{ text, tone: 'bad' } as const] : [])),
    ...quiet.flatMap((text) => (text ? [{ text, tone: 'quiet' } as const] : [])),
  ]
}

const notKept =
  'This conversation is not being kept: the browser does not store it. Copy what must not be lost.'
