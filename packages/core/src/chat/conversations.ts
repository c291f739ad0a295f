// The conversations of one chat: a changed `id` opens another, and what goes on in the one before finishes there. What
// they share is here: the options, the client, and the caller's own endpoints by their names.

import type { Endpoint, EndpointId } from '../endpoints/index.ts'
import type { FalLlm } from '../generate/fal-llm.ts'
import { loadPart } from '../load-part.ts'
import { callSafely } from '../store.ts'
import type { ChatOptions, SendOptions } from './chat.ts'
import { createEngine } from './engine/driver.ts'
import type { Engine, EngineHost } from './engine/engine.ts'
import { lockManager } from './engine/lock-manager.ts'
import type { Asked } from './kept.ts'
import { modes, oneOf, wishes } from './one-of.ts'
import { createComposer } from './snapshot/compose-state.ts'
import type { ChatState } from './state.ts'
import { firstMessages } from './first-messages.ts'

/** The conversations of one chat. */
export interface Conversations {
  readonly engines: ReadonlyMap<string, Engine>
  /** The conversation that is shown. */
  readonly current: Engine
  /** Shows a conversation; one that is not open yet begins with `messages` or `from`. */
  show(id: string, first: ChatOptions): void
  /** The state of the conversation that is shown. */
  state(): ChatState
  /** How an answer is asked for, as it is kept: an endpoint stands by its name. */
  askedOf(given: SendOptions | null): Asked
  createId(): string
}

/**
 * Creates a chat's conversations and shows the first. `changed` hears of every change in the one that is shown; `soon`:
 * only words were added.
 *
 * @throws FalLlmError `invalid-input` for `messages` or a `from` that cannot be read.
 */
export function createConversations(
  options: () => ChatOptions,
  changed: (soon: boolean) => void,
): Conversations {
  const engines = new Map<string, Engine>()
  const composers = new Map<Engine, ReturnType<typeof createComposer>>()
  const ownEndpoints = new Map<string, Endpoint>()
  let ownLlm: FalLlm | undefined

  const nameOf = (endpoint: SendOptions['endpoint']): string | undefined => {
    if (typeof endpoint !== 'object') return endpoint
    ownEndpoints.set(endpoint.id, endpoint)
    return endpoint.id
  }
  const askedOf = (given: SendOptions | null): Asked => {
    // null is what code without types gives for nothing.
    const { endpoint, model, params, system, mode } = given ?? {}
    const name = nameOf(endpoint)
    return {
      ...(name !== undefined && { endpoint: name }),
      ...(model !== undefined && { model }),
      // Seen as the record it is; a type that names its keys has no index.
      ...(params !== undefined && { params: params as Readonly<Record<string, unknown>> }),
      ...(system !== undefined && { system }),
      ...(mode !== undefined && { mode: oneOf('mode', mode, modes) }),
    }
  }
  const stateOf = (engine: Engine): ChatState => {
    const compose = composers.get(engine) ?? createComposer()
    composers.set(engine, compose)
    return compose(engine.value())
  }
  const host: EngineHost = {
    options,
    /** A page that shows a chat carries no client before somebody asks. */
    async llm() {
      const { llm } = options()
      if (llm) return llm
      const { createFalLlm } = await loadPart(() => import('../create-fal-llm.ts'))
      return (ownLlm ??= createFalLlm())
    },
    settings() {
      const now = options()
      const hasStorage = now.storage !== undefined
      return {
        asked: askedOf(now),
        whenBusy: oneOf('whenBusy', now.whenBusy, wishes) ?? 'queue',
        hasStorage,
        resume: now.resume !== false,
        hasLocks: hasStorage && lockManager() !== undefined,
      }
    },
    endpointOf: (name) =>
      name === undefined ? undefined : (ownEndpoints.get(name) ?? (name as EndpointId)),
    changed: (engine, soon) => engine === chats.current && changed(soon),
    stateOf,
    report: (error) => callSafely(() => options().onError?.(error, undefined)),
  }
  const createId = (): string => options().createId?.() ?? randomId()
  const open = (id: string, first: ChatOptions): Engine => {
    const engine = engines.get(id) ?? createEngine(id, host, firstMessages(first, createId))
    engines.set(id, engine)
    return engine
  }
  const chats = {
    engines,
    current: open(options().id ?? createId(), options()),
    show(id: string, first: ChatOptions) {
      chats.current = open(id, first)
    },
    state: () => stateOf(chats.current),
    askedOf,
    createId,
  }
  return chats
}

// randomUUID exists in secure contexts only; a page on a plain http address in a local network has none.
function randomId(): string {
  return (
    globalThis.crypto.randomUUID?.() ??
    `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  )
}
