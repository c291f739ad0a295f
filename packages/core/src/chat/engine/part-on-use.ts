import { toFalLlmError } from '../../errors.ts'
import { loadPart } from '../../load-part.ts'
import type { Effect } from './chat-event.ts'
import type { LoadedHandlers } from './draft.ts'
import type { Worker } from './loaded/worker.ts'
import type { WorkerHost } from './engine.ts'

/** What a page that only shows a chat does not carry. */
export interface PartOnUse {
  /** Both are undefined before somebody needed one of them. */
  readonly handlers: LoadedHandlers | undefined
  readonly worker: Worker | undefined
  /** Loads it: once, and again after it could not be fetched. The conversation hears of either. */
  load(): Promise<void>
  /** Performs an effect that begins something, when the part is there. */
  perform(effect: Effect): void
}

/** Loads nothing yet. */
export function createPartOnUse(host: WorkerHost): PartOnUse {
  let loading: Promise<void> | undefined
  let waiting: Effect[] = []
  const part = {
    handlers: undefined as LoadedHandlers | undefined,
    worker: undefined as Worker | undefined,
    load: () =>
      (loading ??= (async () => {
        try {
          const { createWorker, loadedHandlers } = await loadPart(
            () => import('./loaded/loaded-part.ts'),
          )
          const worker = createWorker(host)
          part.handlers = loadedHandlers
          part.worker = worker
          const effects = waiting
          waiting = []
          for (const effect of effects) worker.perform(effect)
          host.dispatch({ type: 'part-loaded' })
        } catch (thrown) {
          loading = undefined
          waiting = []
          const error = toFalLlmError(thrown)
          host.dispatch({ type: 'part-missing', error })
          host.report(error)
        }
      })()),
    perform(effect: Effect) {
      if (part.worker) return part.worker.perform(effect)
      waiting.push(effect)
      void part.load()
    },
  }
  return part
}
