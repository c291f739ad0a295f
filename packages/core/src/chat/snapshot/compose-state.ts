import type { Usage } from '../../events.ts'
import { liveMessage } from '../reduce-chat.ts'
import type { Conversation, LiveAnswer } from '../reduce-chat.ts'
import { sumUsage } from './session-usage.ts'
import type { ChatMessage, ChatState, QueuedSend, SessionUsage } from '../state.ts'
import { visiblePath } from '../tree.ts'
import type { MessageTree } from '../tree.ts'

/** What the published state is made of. */
export interface ChatSource<Metadata = unknown> {
  readonly conversation: Conversation<Metadata>
  readonly queued: readonly QueuedSend[]
  readonly hydrated: boolean
  /** Whether a send while busy would be refused. */
  readonly refusesWhenBusy: boolean
}

/** Composes snapshots. What did not change keeps its identity, down to the whole snapshot. */
export function createComposer<M>(): (source: ChatSource<M>) => ChatState<M> {
  const pathOf = memoize((tree: MessageTree<M>) => visiblePath(tree))
  const usageOf = memoize((tree: MessageTree<M>) => sumUsage(tree.nodes.values()))
  const liveOf = memoize((live: LiveAnswer<M>) => liveMessage(live))
  const liveUsageOf = memoize((usage: Usage, tree: MessageTree<M>, message: ChatMessage<M>) =>
    sumUsage([...tree.nodes.values(), { ...message, usage }]),
  )
  const messagesOf = memoize((path: readonly ChatMessage<M>[], live: ChatMessage<M> | undefined) =>
    withLive(path, live),
  )
  let last: { readonly state: ChatState<M>; readonly parts: readonly unknown[] } | undefined

  return ({ conversation, queued, hydrated, refusesWhenBusy }) => {
    const { id, tree, live, status, error } = conversation
    const messages = messagesOf(pathOf(tree), live && liveOf(live))
    const isBusy = live !== undefined
    const reported = live?.message.usage
    const usage: SessionUsage =
      live && reported ? liveUsageOf(reported, tree, live.message) : usageOf(tree)
    const canSend = !isBusy || !refusesWhenBusy
    // What the whole is made of.
    const parts = [id, status, messages, error, queued, usage, hydrated, isBusy, canSend]
    if (last && isSame(last.parts, parts)) return last.state
    const canStop = isBusy
    const canRegenerate = !isBusy && messages.some((message) => message.role === 'assistant')
    const state: ChatState<M> = {
      id,
      status,
      messages,
      error,
      queued,
      usage,
      hydrated,
      isBusy,
      canSend,
      canStop,
      canRegenerate,
    }
    last = { state, parts }
    return state
  }
}

/** An answer being written is nearly always the last message: it is looked for from the end. */
function withLive<M>(
  path: readonly ChatMessage<M>[],
  live: ChatMessage<M> | undefined,
): readonly ChatMessage<M>[] {
  const at = live ? path.findLastIndex((message) => message.id === live.id) : -1
  if (!live || at === -1) return path
  const messages = path.slice()
  messages[at] = live
  return messages
}

// Called once per publication: what is compared is a list, not looked for.
function isSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  for (let index = 0; index < right.length; index++) {
    if (!Object.is(left[index], right[index])) return false
  }
  return true
}

/** Remembers the last result. */
function memoize<Inputs extends readonly unknown[], Result>(
  compute: (...inputs: Inputs) => Result,
): (...inputs: Inputs) => Result {
  let inputs: Inputs | undefined
  let result: Result
  return (...next) => {
    if (!inputs || !isSame(inputs, next)) {
      result = compute(...next)
      inputs = next
    }
    return result
  }
}
