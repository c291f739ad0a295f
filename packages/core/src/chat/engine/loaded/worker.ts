// Performs the effects that begin something: reads and writes, questions, jobs that are followed, locks, cancels. Each ends
// in exactly one event, within its limit, whatever it waits for. Loaded with the first of them.

import type { EndpointId } from '../../../endpoints/index.ts'
import type { Timing } from '../../../events.ts'
import { createRequestBuilder } from '../../prompt/build-request.ts'
import type { Persistence } from '../../storage/persistence.ts'
import type { ContextReport } from '../../state.ts'
import { createAnswerLocks } from './answer-locks.ts'
import type { ChatEvent, Effect } from '../chat-event.ts'
import type { SendContent } from '../../parse-send-input.ts'
import type { Asked } from '../../kept.ts'
import { estimate } from './estimate.ts'
import { openStorage } from './open-storage.ts'
import { createAnswerWorks } from './answer-works.ts'
import { atMost } from './at-most.ts'
import type { WorkerHost } from '../engine.ts'

/** The work of one conversation. */
export interface Worker {
  perform(effect: Effect): void
  /** What answers said since somebody looked. */
  takeEvents(): readonly ChatEvent[]
  /** What is known of the answers being written. */
  timings(): ReadonlyMap<string, Timing>
  estimate(content: SendContent | undefined, asked: Asked): ContextReport
  /** The storage, once it is open. */
  storage(): Persistence | undefined
  closeStorage(): void
  /** Closes for good. Resolves when the last write is out, or the storage's patience is over. */
  close(): Promise<void>
}

type Of<Type extends Effect['type']> = Extract<Effect, { type: Type }>

/** How long a last write is waited for, milliseconds. */
const lastWriteMs = 2_000

/** Creates the worker of a conversation. Nothing is begun before an effect is performed. */
export function createWorker(workerHost: WorkerHost): Worker {
  const { dispatch, value } = workerHost
  const cancelling = new Set<string>()
  let persistence: Persistence | undefined

  const settleClaim = (id: string, isOurs: boolean): void => {
    dispatch({ type: isOurs ? 'claim-granted' : 'claim-refused', id })
    if (isOurs && !works.has(id)) locks.release(id)
  }
  const locks = createAnswerLocks(async (id) => {
    // Its page is gone: what it wrote last is read before anybody goes on.
    await persistence?.read()
    settleClaim(id, true)
  })
  const builder = createRequestBuilder()
  const host = { ...workerHost, builder, locks, storage: () => persistence }
  const works = createAnswerWorks(host)

  const claim = async (id: string): Promise<void> =>
    settleClaim(id, !value().here.settings.hasLocks || (await locks.claim(id)))
  const cancel = async ({ id, job }: Of<'cancel'>): Promise<void> => {
    if (cancelling.has(job.requestId)) return
    cancelling.add(job.requestId)
    try {
      const endpoint = host.endpointOf(job.endpoint) ?? (job.endpoint as EndpointId)
      await (await host.llm()).cancel({ endpoint, requestId: job.requestId })
      dispatch({ type: 'job-cancelled', id })
    } catch {
      // It stays due: the next look at the chat, or the next page, asks again.
    } finally {
      cancelling.delete(job.requestId)
    }
  }

  return {
    perform(effect) {
      switch (effect.type) {
        case 'read':
          return void openStorage(host, (opened) => (persistence = opened))
        case 'ask':
        case 'follow':
          return void works.start(effect)
        case 'claim':
          return void claim(effect.id)
        case 'abort':
          return works.abort(effect.id)
        case 'leave':
          return works.leave(effect.id)
        case 'cancel':
          return void cancel(effect)
        case 'keep-files':
          return persistence?.keepBlobs(effect.id, value().here.files.get(effect.id) ?? [])
        case 'drop-files':
          return persistence?.dropBlobs(effect.id)
      }
    },
    takeEvents: works.takeEvents,
    timings: works.timings,
    estimate(content, asked) {
      const plan = { ...value().here.settings.asked, ...asked }
      return estimate(builder, value(), content, {
        ...plan,
        endpoint: host.endpointOf(plan.endpoint),
        memory: host.options().memory,
      })
    },
    storage: () => persistence,
    closeStorage() {
      void persistence?.flush()
      persistence?.close()
      persistence = undefined
    },
    async close() {
      const written = persistence?.flush()
      persistence?.close()
      locks.releaseAll()
      if (written) await atMost(written, lastWriteMs)
    },
  }
}
