// (state, event) → state: pure and total. Every event is safe in every state: what does not fit changes nothing.
// A delta touches `live` only, so its cost does not grow with the conversation.

import type { FalLlmError } from '../errors.ts'
import type { FinishReason, GenerationEvent, Timing } from '../events.ts'
import type { ChatMessage, ChatStatus, ContextReport, MessagePart, MessageStatus } from './state.ts'
import { addMessage, chooseMessage, removeMessage, replaceMessage } from './tree.ts'
import type { MessageTree } from './tree.ts'

/** The answer being written. Its words live here until it ends. */
export interface LiveAnswer<Metadata = unknown> {
  readonly message: ChatMessage<Metadata>
  readonly text: string
  readonly reasoning: string
  /** The leaf that was visible before; a failed answer gives the place back. */
  readonly previousLeafId: string | null
}

/** A conversation as the engine sees it; the published ChatState is composed from it. */
export interface Conversation<Metadata = unknown> {
  readonly id: string
  readonly tree: MessageTree<Metadata>
  readonly live: LiveAnswer<Metadata> | undefined
  readonly status: ChatStatus
  readonly error: FalLlmError | undefined
  /** The answer `retry` is about. */
  readonly failedId: string | undefined
}

/** How an answer ended. */
export interface AnswerEnding {
  readonly status: Exclude<MessageStatus, 'pending' | 'streaming'>
  readonly error?: FalLlmError
  readonly timing?: Timing
}

/** Everything that can happen to a conversation. */
export type ChatEvent<Metadata = unknown> =
  | { readonly type: 'message-add'; readonly message: ChatMessage<Metadata> }
  | {
      readonly type: 'answer-start'
      readonly message: ChatMessage<Metadata>
      readonly previousLeafId: string | null
    }
  /** A stored answer whose job is found again goes on. */
  | { readonly type: 'answer-rejoin'; readonly messageId: string }
  | {
      readonly type: 'answer-status'
      readonly messageId: string
      readonly status: 'uploading' | 'submitted' | 'queued'
    }
  | { readonly type: 'message-replace'; readonly message: ChatMessage<Metadata> }
  | { readonly type: 'error-set'; readonly error: FalLlmError }
  | { readonly type: 'answer-context'; readonly messageId: string; readonly context: ContextReport }
  | { readonly type: 'answer-event'; readonly messageId: string; readonly event: GenerationEvent }
  | { readonly type: 'answer-end'; readonly messageId: string; readonly ending: AnswerEnding }
  | { readonly type: 'message-choose'; readonly messageId: string }
  | { readonly type: 'message-remove'; readonly messageId: string }
  | { readonly type: 'tree-replace'; readonly tree: MessageTree<Metadata> }
  | { readonly type: 'error-clear' }

/** The next state. Never throws. */
export function reduceChat<M>(state: Conversation<M>, event: ChatEvent<M>): Conversation<M> {
  switch (event.type) {
    case 'message-add':
      return withTree(state, addMessage(state.tree, event.message))
    case 'answer-start':
      return startAnswer(state, event.message, event.previousLeafId)
    case 'answer-rejoin':
      return rejoinAnswer(state, event.messageId)
    case 'answer-status':
      return state.live?.message.id === event.messageId && state.status !== 'streaming'
        ? { ...state, status: event.status }
        : state
    case 'message-replace':
      return event.message.id === state.live?.message.id
        ? state
        : withTree(state, replaceMessage(state.tree, event.message))
    case 'error-set':
      return { ...state, error: event.error }
    case 'answer-context':
      return mapLive(state, event.messageId, (message) => ({ ...message, context: event.context }))
    case 'answer-event':
      return hearAnswer(state, event.messageId, event.event)
    case 'answer-end':
      return endAnswer(state, event.messageId, event.ending)
    case 'message-choose':
      return withTree(state, chooseMessage(state.tree, event.messageId))
    case 'message-remove':
      return isAboveLive(state, event.messageId)
        ? state
        : withTree(state, removeMessage(state.tree, event.messageId))
    case 'tree-replace':
      return state.live ? state : { ...withTree(state, event.tree), failedId: undefined }
    case 'error-clear':
      return state.error === undefined && state.status !== 'error'
        ? state
        : { ...state, error: undefined, status: state.live ? state.status : 'ready' }
  }
}

/** The answer being written, composed as the message a screen shows. */
export function liveMessage<M>(live: LiveAnswer<M>): ChatMessage<M> {
  return { ...live.message, ...textFields(live.text, live.reasoning) }
}

/** The parts of a message made of words: reasoning first, as it was thought first. */
export function textFields(
  text: string,
  reasoning: string,
): Pick<ChatMessage, 'text' | 'reasoning' | 'parts'> {
  const parts: MessagePart[] = []
  if (reasoning) parts.push({ type: 'reasoning', text: reasoning })
  if (text) parts.push({ type: 'text', text })
  return { text, reasoning, parts }
}

function withTree<M>(state: Conversation<M>, tree: MessageTree<M>): Conversation<M> {
  return tree === state.tree ? state : { ...state, tree }
}

function startAnswer<M>(
  state: Conversation<M>,
  message: ChatMessage<M>,
  previousLeafId: string | null,
): Conversation<M> {
  if (state.live) return state
  const tree = addMessage(state.tree, message)
  // addMessage numbers the siblings: what it stored is the message.
  const stored = tree.nodes.get(message.id)
  if (tree === state.tree || !stored) return state
  const live = { message: stored, text: '', reasoning: '', previousLeafId }
  return { ...state, tree, live, status: 'submitted', error: undefined, failedId: undefined }
}

function rejoinAnswer<M>(state: Conversation<M>, messageId: string): Conversation<M> {
  const stored = state.tree.nodes.get(messageId)
  if (state.live || stored?.role !== 'assistant') return state
  const { queue: _, ...message } = stored
  // What was written before stays until the job says its whole answer.
  const { text, reasoning } = stored
  return {
    ...state,
    live: {
      message: { ...message, status: 'pending', error: undefined },
      text,
      reasoning,
      previousLeafId: null,
    },
    status: 'queued',
    error: undefined,
    failedId: undefined,
  }
}

function mapLive<M>(
  state: Conversation<M>,
  messageId: string,
  change: (message: ChatMessage<M>) => ChatMessage<M>,
): Conversation<M> {
  const { live } = state
  if (live?.message.id !== messageId) return state
  return { ...state, live: { ...live, message: change(live.message) } }
}

function hearAnswer<M>(
  state: Conversation<M>,
  messageId: string,
  event: GenerationEvent,
): Conversation<M> {
  const { live } = state
  if (live?.message.id !== messageId) return state
  switch (event.type) {
    case 'text-delta':
      return write(state, live, live.text + event.delta, live.reasoning)
    case 'reasoning-delta':
      return write(state, live, live.text, live.reasoning + event.delta)
    case 'reset':
      return write(state, live, '', '')
    case 'start':
      return mapLive(state, messageId, (message) => ({
        ...message,
        ...(event.requestId !== undefined && { requestId: event.requestId }),
        ...(event.model !== undefined && { model: event.model }),
      }))
    case 'queue-update': {
      const queue = {
        logs: [...(live.message.queue?.logs ?? []), ...event.logs],
        ...(event.position !== undefined && { position: event.position }),
      }
      const next = mapLive(state, messageId, (message) => ({
        ...message,
        requestId: event.requestId,
        queue,
      }))
      return state.status === 'streaming' ? next : { ...next, status: 'queued' }
    }
    case 'usage':
      return mapLive(state, messageId, (message) => ({ ...message, usage: event.usage }))
    case 'finish':
      return finish(state, messageId, event.reason)
  }
}

function finish<M>(
  state: Conversation<M>,
  messageId: string,
  finishReason: FinishReason,
): Conversation<M> {
  return mapLive(state, messageId, (message) => ({ ...message, finishReason }))
}

function write<M>(
  state: Conversation<M>,
  live: LiveAnswer<M>,
  text: string,
  reasoning: string,
): Conversation<M> {
  const streaming = state.status === 'streaming'
  const message: ChatMessage<M> = streaming
    ? live.message
    : { ...live.message, status: 'streaming' }
  return { ...state, status: 'streaming', live: { ...live, message, text, reasoning } }
}

function endAnswer<M>(
  state: Conversation<M>,
  messageId: string,
  ending: AnswerEnding,
): Conversation<M> {
  const { live } = state
  if (live?.message.id !== messageId) return state
  const { status, error, timing } = ending
  const message: ChatMessage<M> = {
    ...liveMessage(live),
    status,
    error,
    ...(timing && { timing }),
  }
  const tree = replaceMessage(state.tree, message)
  const failed = status === 'error' || status === 'interrupted'
  // A refused version gives the screen back to the one before it; its words stay in the branch.
  const backTo = status === 'error' && isOtherBranch(tree, messageId, live) && live.previousLeafId
  return {
    ...state,
    tree: backTo ? chooseMessage(tree, backTo) : tree,
    live: undefined,
    status: failed ? 'error' : 'ready',
    error,
    failedId: failed ? messageId : undefined,
  }
}

/** Whether the leaf seen before is off the path of the answer, as after a regenerate or an edit. */
function isOtherBranch<M>(tree: MessageTree<M>, messageId: string, live: LiveAnswer<M>): boolean {
  const { previousLeafId } = live
  // A version that failed as well is nothing to go back to.
  if (previousLeafId === null || tree.nodes.get(previousLeafId)?.status === 'error') return false
  let node = tree.nodes.get(messageId)
  while (node) {
    if (node.id === previousLeafId) return false
    node = node.parentId === null ? undefined : tree.nodes.get(node.parentId)
  }
  return true
}

function isAboveLive<M>(state: Conversation<M>, id: string): boolean {
  let node = state.live && state.tree.nodes.get(state.live.message.id)
  while (node) {
    if (node.id === id) return true
    node = node.parentId === null ? undefined : state.tree.nodes.get(node.parentId)
  }
  return false
}
