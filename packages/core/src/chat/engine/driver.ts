// Does what `step` decides. The state is published before a promise settles; what begins something is the worker's, which is
// loaded with the first of it.

import { toFalLlmError } from '../../errors.ts'
import type { FalLlmError } from '../../errors.ts'
import type { Timing } from '../../events.ts'
import { loadPart } from '../../load-part.ts'
import { callSafely } from '../../store.ts'
import type { CallResult, ChatEvent, Command, Effect } from './chat-event.ts'
import type { LoadedHandlers } from './draft.ts'
import { openConversation, step } from './step.ts'
import type { Worker } from './loaded/worker.ts'
import type { Engine, EngineHost, FirstMessages, Order } from './engine.ts'

interface Settler {
  resolve(result: CallResult): void
  reject(error: FalLlmError): void
}

/** How long a last write is waited for, milliseconds. */
const lastWriteMs = 2_000
const noTimings: ReadonlyMap<string, Timing> = new Map()

/** Opens a conversation. Nothing is read or sent before the first command. Never throws. */
export function createEngine(id: string, host: EngineHost, first?: FirstMessages): Engine {
  const by = Math.random().toString(36).slice(2, 10)
  let value = openConversation(id, by, host.settings(), first?.kept, first?.seeds)
  const settlers = new Map<number, Settler>()
  let calls = 0
  let loaded: { readonly handlers: LoadedHandlers; readonly worker: Worker } | undefined
  let loading: Promise<void> | undefined
  /** What is to be begun once the worker is there. */
  let waiting: Effect[] = []

  const apply = (event: ChatEvent): readonly Effect[] => {
    const before = value.kept
    const timings =
      event.type === 'answer-events' ? noTimings : (loaded?.worker.timings() ?? noTimings)
    const next = step(value, event, { now: Date.now(), timings }, loaded?.handlers)
    value = next.value
    const storage = loaded?.worker.storage()
    if (value.kept !== before) {
      // What a person did is written at once: the page may be gone in the next moment.
      if (event.type === 'command') void storage?.flush()
      else storage?.touch()
    }
    return next.effects
  }
  const applyPending = (): void => {
    for (const event of loaded?.worker.takeEvents() ?? []) apply(event)
  }
  const dispatch = (event: ChatEvent): void => {
    applyPending()
    const before = value
    const effects = apply(event)
    for (const effect of effects) if (!isTelling(effect)) begin(effect)
    if (value !== before) host.changed(engine, false)
    for (const effect of effects) announce(effect)
  }
  const begin = (effect: Effect): void => {
    if (loaded) return loaded.worker.perform(effect)
    waiting.push(effect)
    void load()
  }
  /** Loads what a page that only shows a chat does not carry; once, and again after it could not be fetched. */
  const load = (): Promise<void> =>
    (loading ??= (async () => {
      try {
        const part = await loadPart(() => import('./loaded/loaded-part.ts'))
        const worker = part.createWorker({
          ...host,
          id,
          value: () => value,
          kept: engine.kept,
          dispatch,
          changedSoon: () => host.changed(engine, true),
        })
        loaded = { handlers: part.loadedHandlers, worker }
        const effects = waiting
        waiting = []
        for (const effect of effects) worker.perform(effect)
        dispatch({ type: 'part-loaded' })
      } catch (thrown) {
        loading = undefined
        waiting = []
        const error = toFalLlmError(thrown)
        dispatch({ type: 'part-missing', error })
        host.report(error)
      }
    })())
  /** Tells somebody, after the state was published. */
  const announce = (effect: Effect): void => {
    const { onFinish, onError } = host.options()
    switch (effect.type) {
      case 'settle':
        return take(effect.call)?.resolve(effect.result)
      case 'refuse':
        return take(effect.call)?.reject(effect.error)
      case 'finished':
        return callSafely(() =>
          onFinish?.({ message: effect.message, state: host.stateOf(engine) }),
        )
      case 'failed':
        return callSafely(() => onError?.(effect.error, effect.message))
    }
  }
  const take = (call: number): Settler | undefined => {
    const settler = settlers.get(call)
    settlers.delete(call)
    return settler
  }
  const run = (order: Order, settler: Settler): number => {
    const call = (calls += 1)
    settlers.set(call, settler)
    // Each order is a command without its number.
    dispatch({ type: 'command', command: { ...order, call } as Command })
    return call
  }
  const storage = () => loaded?.worker.storage()

  const engine: Engine = {
    value() {
      applyPending()
      return value
    },
    kept() {
      applyPending()
      if (loaded) value = loaded.handlers.foldWords(value)
      return value.kept
    },
    call(order) {
      const settled = new Promise<CallResult>((resolve, reject) => {
        const go = (): void => void run(order, { resolve, reject })
        // Others may have written meanwhile; a read that fails says so in the state.
        const reading = order.do === 'resume' ? storage()?.read() : undefined
        if (reading) void reading.then(go)
        else go()
      })
      settled.catch(() => {})
      return settled
    },
    callNow(order) {
      let result: CallResult
      let refusal: FalLlmError | undefined
      const call = run(order, {
        resolve: (next) => (result = next),
        reject: (error) => (refusal = error),
      })
      if (refusal) throw refusal
      // What waits has nobody left to throw at.
      if (settlers.has(call)) settlers.set(call, { resolve() {}, reject: host.report })
      return result
    },
    async estimate(content, asked) {
      // What is stored counts.
      await engine.call({ do: 'open' })
      await load()
      if (!loaded) throw toFalLlmError('A part of the chat could not be loaded')
      return loaded.worker.estimate(content, asked)
    },
    lookAt({ again } = { again: false }) {
      if (again) void storage()?.read()
      dispatch({ type: 'looked-at' })
    },
    flush: () => void storage()?.flush(),
    follow(storageChanged) {
      dispatch({ type: 'settings-changed', settings: host.settings() })
      if (!storageChanged) return
      loaded?.worker.closeStorage()
      dispatch({ type: 'storage-given' })
    },
    async close() {
      engine.callNow({ do: 'destroy' })
      const written = storage()?.flush()
      storage()?.close()
      loaded?.worker.close()
      if (!written) return
      let timer: ReturnType<typeof setTimeout> | undefined
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, lastWriteMs)))
      await Promise.race([written, patience])
      clearTimeout(timer)
    },
  }
  return engine
}

const telling: ReadonlySet<Effect['type']> = new Set(['settle', 'refuse', 'finished', 'failed'])

function isTelling({ type }: Effect): boolean {
  return telling.has(type)
}
