// A chat shows one conversation of several: a changed `id` opens another, and what was going on in the one before
// finishes there. Options, the published store and the conversations meet here, and only here.

import type { EndpointId } from '../endpoints/index.ts'
import type { FalLlm } from '../generate/fal-llm.ts'
import { createStore, schedulerOf } from '../store.ts'
import type { Chat, ChatOptions } from './chat.ts'
import { createComposer } from './snapshot/compose-state.ts'
import { createSession } from './session.ts'
import type { Session } from './session.ts'
import { visiblePath } from './tree.ts'
import { onWake } from './wake.ts'

/** Holds a conversation over a client. Nothing is read or sent before the first subscriber or command. Never throws. */
export function createChat<M = unknown>(
  initial: ChatOptions<EndpointId, M> & { readonly llm: FalLlm },
): Chat<M> {
  let options = initial
  const sessions = new Map<string, Session<M>>()
  const createId = (): string => options.createId?.() ?? randomId()
  const open = (id: string, messages: ChatOptions<EndpointId, M>['messages'] = []): Session<M> => {
    const known = sessions.get(id)
    const session =
      known ??
      createSession<M>(
        id,
        {
          options: () => options,
          createId,
          state: () => store.getState(),
          changed(changedSession, soon) {
            if (changedSession !== current) return
            if (soon) store.touch()
            else store.publish()
          },
        },
        messages,
      )
    sessions.set(id, session)
    return session
  }

  let current = open(options.id ?? createId(), options.messages)
  const compose = createComposer<M>()
  const store = createStore(
    () =>
      compose({
        conversation: current.conversation(),
        queued: current.waiting(),
        hydrated: current.hydrated(),
        refusesWhenBusy: options.whenBusy === 'reject',
      }),
    () => schedulerOf(options.flush),
  )
  const serverState = store.getState()

  let stopWaking: (() => void) | undefined
  /** Those who look at the chat; when the last one is gone, the page's return wakes nothing. */
  const readers = new Set<object>()
  /** Reads what is stored, goes on with what has not ended, and listens for the page's return. */
  const wakeUp = (): void => {
    if (!options.storage) return
    const resume = (): void => {
      if (options.resume === false) void current.hydrate()
      else handled(current.resume())
    }
    stopWaking ??= onWake(resume)
    if (!current.hydrated()) resume()
  }

  const chat: Chat<M> & { id: string } = {
    id: current.conversation().id,
    getState: store.getState,
    getServerState: () => serverState,
    subscribe(listener) {
      const unsubscribe = store.subscribe(listener)
      const reader = {}
      readers.add(reader)
      wakeUp()
      return () => {
        unsubscribe()
        readers.delete(reader)
        if (readers.size > 0) return
        stopWaking?.()
        stopWaking = undefined
      }
    },
    send: (input, sendOptions) => handled(current.send(input, sendOptions)),
    stop: () => current.stop(),
    detach: () => current.detach(),
    regenerate: (regenerateOptions) => handled(current.regenerate(regenerateOptions)),
    edit: (messageId, input, sendOptions) => handled(current.edit(messageId, input, sendOptions)),
    retry: () => handled(current.retry()),
    resume: () => handled(current.resume()),
    switchBranch: (messageId, to) => current.switchBranch(messageId, to),
    cancelQueued: (id) => current.cancelQueued(id),
    sendQueuedNow: (id) => handled(current.sendQueuedNow(id)),
    setMessages(messages) {
      const path = visiblePath(current.conversation().tree)
      const next = typeof messages === 'function' ? messages(path) : messages
      if (next !== path) current.setMessages(next)
    },
    remove: (messageId) => current.remove(messageId),
    clear() {
      current.setMessages([])
      current.clearError()
    },
    clearError: () => current.clearError(),
    setOptions(patch) {
      const before = options
      options = { ...options, ...patch, llm: patch.llm ?? options.llm }
      const { id } = options
      const moves = id !== undefined && id !== current.conversation().id
      if (moves) current = open(id, patch.messages)
      chat.id = current.conversation().id
      if (moves && stopWaking) wakeUp()
      // Nothing else of the options is in the state: text that waits for its frame goes on waiting.
      if (moves || options.whenBusy !== before.whenBusy) store.publish()
    },
    toJSON: () => ({ id: current.conversation().id, messages: store.getState().messages }),
    destroy() {
      stopWaking?.()
      for (const session of sessions.values()) session.close()
      store.destroy()
    },
  }
  return chat
}

/** The caller still sees the rejection; a call nobody awaits does not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

// randomUUID exists in secure contexts only; a page on a plain http address in a local network has none.
function randomId(): string {
  return (
    globalThis.crypto.randomUUID?.() ??
    `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
  )
}
