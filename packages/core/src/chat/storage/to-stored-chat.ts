import { FalLlmError } from '../../errors.ts'
import type { Entry, Kept, Shown, Title } from '../kept.ts'

/** A whole conversation as plain JSON: branches, what waits, jobs. Files that were never uploaded are not in it. */
export interface StoredChat {
  readonly version: 2
  readonly generation: number
  readonly title?: Title
  /** Which version of a fork is shown, by the id of the message above it; '' for the first ones. */
  readonly shown: Readonly<Record<string, Shown>>
  readonly messages: Readonly<Record<string, Entry>>
}

/** What `toStoredChat` made of what, and `readChat` has checked. Anything else may hold whatever somebody wrote. */
const checked = /* @__PURE__ */ new WeakMap<StoredChat, Kept>()

/** Writes a conversation as plain JSON. */
export function toStoredChat(kept: Kept): StoredChat {
  const { generation, title, shown, messages } = kept
  const stored: StoredChat = {
    version: 2,
    generation,
    ...(title && { title }),
    shown: Object.fromEntries(shown),
    messages: Object.fromEntries(messages),
  }
  checked.set(stored, kept)
  return stored
}

/**
 * Takes a conversation as `chat.toJSON()` or `readChat` gave it.
 *
 * @throws FalLlmError `invalid-input` for anything else, parsed JSON included: it was not checked.
 */
export function fromStoredChat(stored: StoredChat): Kept {
  const kept = checked.get(stored)
  if (kept) return kept
  throw new FalLlmError(
    'invalid-input',
    '`from` takes what readChat() gives: pass the text or value through readChat() first',
  )
}
