// Does what `step` decides. The state is published before a promise settles; what begins something is the worker's, which is
// loaded with the first of it.

import { toFalLlmError } from '../../errors.ts'
import type { Timing } from '../../events.ts'
import { callSafely } from '../../store.ts'
import type { ChatEvent, Effect } from './chat-event.ts'
import { openConversation, step } from './step.ts'
import type { Engine, EngineHost, FirstMessages } from './engine.ts'
import { createOpenCalls } from './open-calls.ts'
import { createPartOnUse } from './part-on-use.ts'
import type { Kept } from '../kept.ts'

const noTimings: ReadonlyMap<string, Timing> = new Map()

/** Opens a conversation. Nothing is read or sent before the first command. Never throws. */
export function createEngine(id: string, host: EngineHost, first?: FirstMessages): Engine {
  const by = Math.random().toString(36).slice(2, 10)
  let value = openConversation(id, by, host.settings(), first?.kept, first?.seeds)

  const storage = () => part.worker?.storage()
  const apply = (event: ChatEvent): readonly Effect[] => {
    const before = value.kept
    const timings =
      event.type === 'answer-events' ? noTimings : (part.worker?.timings() ?? noTimings)
    const next = step(value, event, { now: Date.now(), timings }, part.handlers)
    value = next.value
    if (value.kept !== before) {
      // What a person did is written at once: the page may be gone in the next moment.
      if (event.type === 'command') void storage()?.flush()
      else storage()?.touch()
    }
    return next.effects
  }
  const applyPending = (): void => {
    for (const event of part.worker?.takeEvents() ?? []) apply(event)
  }
  const dispatch = (event: ChatEvent): void => {
    applyPending()
    const before = value
    const effects = apply(event)
    for (const effect of effects) if (!telling.has(effect.type)) part.perform(effect)
    if (value !== before) host.changed(engine, false)
    for (const effect of effects) announce(effect)
  }
  /** Tells somebody, after the state was published. */
  const announce = (effect: Effect): void => {
    const { onFinish, onError } = host.options()
    switch (effect.type) {
      case 'settle':
      case 'refuse':
        return calls.end(effect)
      case 'finished':
        return callSafely(() =>
          onFinish?.({ message: effect.message, state: host.stateOf(engine) }),
        )
      case 'failed':
        return callSafely(() => onError?.(effect.error, effect.message))
    }
  }
  const kept = (): Kept => {
    applyPending()
    if (part.handlers) value = part.handlers.foldWords(value)
    return value.kept
  }
  const part = createPartOnUse({
    ...host,
    id,
    value: () => value,
    kept,
    dispatch,
    changedSoon: () => host.changed(engine, true),
  })
  const calls = createOpenCalls(dispatch, host.report)

  const engine: Engine = {
    value() {
      applyPending()
      return value
    },
    kept,
    // Others may have written meanwhile; a read that fails says so in the state.
    call: (order) => calls.call(order, order.do === 'resume' ? storage()?.read() : undefined),
    callNow: calls.callNow,
    async estimate(content, asked) {
      // What is stored counts.
      await engine.call({ do: 'open' })
      await part.load()
      if (!part.worker) throw toFalLlmError('A part of the chat could not be loaded')
      return part.worker.estimate(content, asked)
    },
    lookAt({ again } = { again: false }) {
      if (again) void storage()?.read()
      dispatch({ type: 'looked-at' })
    },
    flush: () => void storage()?.flush(),
    follow(storageChanged) {
      dispatch({ type: 'settings-changed', settings: host.settings() })
      if (!storageChanged) return
      part.worker?.closeStorage()
      dispatch({ type: 'storage-given' })
    },
    async close() {
      engine.callNow({ do: 'destroy' })
      await part.worker?.close()
    },
  }
  return engine
}

/** Effects that tell somebody; every other begins something. */
const telling: ReadonlySet<Effect['type']> = new Set(['settle', 'refuse', 'finished', 'failed'])
