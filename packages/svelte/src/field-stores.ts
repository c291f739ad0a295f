import type { Published } from '@fal-llm/core/binding'
import type { Readable } from 'svelte/store'
import { inComponent } from './in-component.ts'

/** A store per field of a state. */
export type FieldStores<State> = { readonly [Field in keyof State]: Readable<State[Field]> }

/**
 * Makes a published state a Svelte store, with a store per field beside it that speaks only when its field changed.
 * Svelte's own `derived` emits for every object; this compares by identity.
 */
export function fieldStores<State extends object>(
  source: Published<State>,
): Readable<State> & FieldStores<State> {
  const announcements = new Set<(next: State) => void>()
  let stopAnnouncing = (): void => {}

  const storeOf = <Value>(select: (state: State) => Value): Readable<Value> => ({
    subscribe(run, invalidate = () => {}) {
      // A component that is rendered on a server reads once. Subscribing would read the storage.
      if (typeof document === 'undefined' && inComponent()) {
        run(select(source.getState()))
        return () => {}
      }
      let last: Value
      let isDue = true
      // Svelte's `derived` waits for all the stores it was told of: nobody sees one field new and another old.
      const announce = (next: State): void => {
        if (isDue || Object.is(select(next), last)) return
        isDue = true
        invalidate()
      }
      // The first to subscribe is the first to hear.
      if (announcements.size === 0) {
        stopAnnouncing = source.subscribe((next) => {
          for (const tellOne of announcements) tellOne(next)
        })
      }
      announcements.add(announce)
      const unsubscribe = source.subscribe((next) => {
        if (!isDue) return
        isDue = false
        last = select(next)
        run(last)
      })
      return () => {
        unsubscribe()
        announcements.delete(announce)
        if (announcements.size === 0) stopAnnouncing()
      }
    },
  })

  // A state has all its fields from the start.
  const fields = Object.keys(source.getState()) as (keyof State)[]
  const stores = fields.map((field) => [field, storeOf((state) => state[field])] as const)
  return {
    ...storeOf((state) => state),
    ...(Object.fromEntries<unknown>(stores) as FieldStores<State>),
  }
}
