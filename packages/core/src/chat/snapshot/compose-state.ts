// What a screen is shown of a conversation: a pure view of its value.

import { emptyKept } from '../kept.ts'
import { lineOf } from '../engine/draft.ts'
import type { Conversation, Here, Run } from '../engine/conversation.ts'
import type { Entry, Kept } from '../kept.ts'
import { visiblePath } from '../engine/message-tree.ts'
import type { MessageTree } from '../engine/message-tree.ts'
import { answerParts, shownFields, wordsOf } from '../engine/to-message.ts'
import type { ChatMessage, ChatState, ChatStatus, QueuedSend } from '../state.ts'
import { sumUsage } from '../session-usage.ts'
import type { Spending } from '../session-usage.ts'

/** Composes snapshots. What did not change keeps its identity, down to the whole snapshot. */
export function createComposer(): (value: Conversation) => ChatState {
  const pathOf = memoize((tree: MessageTree) => visiblePath(tree))
  const usageOf = memoize((messages: Kept['messages'], liveId?: string, live?: Run['body']) =>
    sumUsage(bodiesOf(messages, liveId, live)),
  )
  const lineEntriesOf = memoize((messages: Kept['messages']) => lineOf({ ...emptyKept, messages }))
  const queuedOf = memoize((line: ReturnType<typeof lineOf>, files: Here['files']) =>
    line.map(([id, entry]) => queuedSend(id, entry, files.get(id) ?? [])),
  )
  const liveOf = new Map<string, Live>()
  const messagesOf = memoize(
    (
      path: readonly ChatMessage[],
      runs: Here['runs'],
      alive: Here['alive'],
      claims: Here['claims'],
    ) => {
      for (const id of liveOf.keys()) if (!runs.has(id)) liveOf.delete(id)
      return withLive(path, runs, new Set([...alive, ...claims]), live)
    },
  )
  const live = (node: ChatMessage, run: Run): ChatMessage => {
    const known = liveOf.get(node.id)
    if (known?.node === node && known.run === run) return known.message
    // Words alone change nothing but words.
    const said =
      known?.node === node && known.run.body === run.body ? known.said : saidBy(node, run)
    const message = liveMessage(said, run)
    liveOf.set(node.id, { node, run, said, message })
    return message
  }
  let last: { readonly state: ChatState; readonly parts: readonly unknown[] } | undefined

  return ({ id, kept, tree, here }) => {
    const { runs, alive, claims, failure, storage, settings } = here
    const { list: messages, written } = messagesOf(pathOf(tree), runs, alive, claims)
    const queued = queuedOf(lineEntriesOf(kept.messages), here.files)
    const isLoading = storage.read === 'unread' || storage.read === 'reading'
    const isBusy = !isLoading && written !== undefined
    const error = isBusy ? undefined : failure?.error
    const idle = failure ? 'error' : 'ready'
    const status: ChatStatus = isLoading ? 'loading' : (written ?? idle)
    const usage = usageOf(kept.messages, ...newestUsage(runs))
    const canSend = !isBusy || settings.whenBusy !== 'reject'
    const isOpen = !isLoading && queued.length > 0
    const paused = isOpen && (here.isPaused || !queued.some((send) => here.mine.has(send.id)))
    const storageStatus = storage.isFailing ? 'failed' : settings.hasStorage ? 'ok' : 'none'
    const title = kept.title?.text
    // What the whole is made of.
    const parts = [
      id,
      status,
      messages,
      error,
      queued,
      usage,
      isLoading,
      isBusy,
      canSend,
      paused,
      storageStatus,
      title,
    ]
    if (last && isSame(last.parts, parts)) return last.state
    const state: ChatState = {
      id,
      title,
      status,
      messages,
      error,
      queued,
      paused,
      usage,
      storage: storageStatus,
      hydrated: !isLoading,
      isBusy,
      canSend,
      canStop: isBusy,
      canRegenerate: !isBusy && messages.some((message) => message.role === 'assistant'),
    }
    last = { state, parts }
    return state
  }
}

function bodiesOf(
  messages: Kept['messages'],
  liveId?: string,
  live?: Spending,
): readonly Spending[] {
  const bodies: Spending[] = []
  messages.forEach(({ body }, id) => bodies.push(id === liveId && live ? live : body))
  return bodies
}

/** The answer being written that has reported what it used. */
function newestUsage(runs: Here['runs']): readonly [id?: string, body?: Run['body']] {
  for (const [id, { body }] of runs) if (body.usage) return [id, body]
  return []
}

/** An answer being written, as it was shown last. */
interface Live {
  readonly node: ChatMessage
  readonly run: Run
  readonly said: ChatMessage
  readonly message: ChatMessage
}

/** What an answer being written says besides its words. */
function saidBy(node: ChatMessage, { body }: Run): ChatMessage {
  const { ended: _, ...rest } = body
  const said = shownFields(rest)
  const parts = said.parts.filter(({ type }) => type !== 'text' && type !== 'reasoning')
  return { ...node, ...said, parts, error: undefined }
}

/** An answer being written, composed as the message a screen shows. */
function liveMessage(said: ChatMessage, { text, reasoning, phase }: Run): ChatMessage {
  const words = answerParts(text, reasoning)
  const parts = said.parts.length > 0 ? [...said.parts, ...words] : words
  const status = phase === 'streaming' ? 'streaming' : 'pending'
  return { ...said, parts, text, reasoning, status }
}

/** The messages of the path, those being written as they are now, and what is being done with the newest of them. */
function withLive(
  path: readonly ChatMessage[],
  runs: Here['runs'],
  others: ReadonlySet<string>,
  live: (node: ChatMessage, run: Run) => ChatMessage,
): {
  readonly list: readonly ChatMessage[]
  readonly written: Exclude<ChatStatus, 'ready' | 'loading' | 'error'> | undefined
} {
  let list: ChatMessage[] | undefined
  let written: Exclude<ChatStatus, 'ready' | 'loading' | 'error'> | undefined
  // An answer being written is nearly always the last message: it is looked for from the end.
  for (const id of [...others, ...runs.keys()]) {
    const at = path.findLastIndex((message) => message.id === id)
    const node = path[at]
    if (!node) continue
    const run = runs.get(id)
    list ??= path.slice()
    list[at] = run ? live(node, run) : elsewhere(node)
    written = run ? run.phase : node.text ? 'streaming' : 'queued'
  }
  return { list: list ?? path, written }
}

/** An answer that another page writes, or that is about to be followed. */
function elsewhere(node: ChatMessage): ChatMessage {
  return { ...node, status: node.text ? 'streaming' : 'pending', error: undefined }
}

function queuedSend(
  id: string,
  { body, metadata }: Entry,
  files: readonly (Blob | string | undefined)[],
): QueuedSend {
  const images = body.parts
    .filter((part) => part.type === 'image')
    .map(({ url, name, mediaType }, index) => ({
      ...(url && { url }),
      ...(name !== undefined && { name }),
      ...(mediaType !== undefined && { mediaType }),
      ...(!url && files[index] === undefined && { gone: true as const }),
    }))
  return {
    id,
    text: wordsOf(body.parts).text,
    images,
    metadata: metadata?.value,
    options: body.asked ?? {},
    createdAt: body.createdAt,
  }
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
