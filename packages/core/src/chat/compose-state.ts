import type { Usage } from '../events.ts'
import { liveMessage } from './reduce-chat.ts'
import type { Conversation, LiveAnswer } from './reduce-chat.ts'
import { sumUsage } from './session-usage.ts'
import type { ChatMessage, ChatState, QueuedSend, SessionUsage } from './state.ts'
import { visiblePath } from './tree.ts'
import type { MessageTree } from './tree.ts'

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
  let last: ChatState<M> | undefined

  return ({ conversation, queued, hydrated, refusesWhenBusy }) => {
    const { id, tree, live, status, error } = conversation
    const messages = messagesOf(pathOf(tree), live && liveOf(live))
    const isBusy = live !== undefined
    const reported = live?.message.usage
    const usage: SessionUsage =
      live && reported ? liveUsageOf(reported, tree, live.message) : usageOf(tree)
    const next: ChatState<M> = {
      id,
      status,
      messages,
      error,
      queued,
      usage,
      hydrated,
      isBusy,
      canSend: !isBusy || !refusesWhenBusy,
      canStop: isBusy,
      canRegenerate: !isBusy && messages.some((message) => message.role === 'assistant'),
    }
    if (last && isSame(last, next)) return last
    last = next
    return next
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

function isSame<T extends object>(left: T, right: T): boolean {
  // Both have the same keys: they are written in one place.
  return (Object.keys(left) as (keyof T)[]).every((key) => Object.is(left[key], right[key]))
}

/** Remembers the last result. */
function memoize<Inputs extends readonly unknown[], Result>(
  compute: (...inputs: Inputs) => Result,
): (...inputs: Inputs) => Result {
  let inputs: Inputs | undefined
  let result: Result
  return (...next) => {
    if (!inputs || next.some((input, index) => input !== inputs?.[index])) {
      result = compute(...next)
      inputs = next
    }
    return result
  }
}
