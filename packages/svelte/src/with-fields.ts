import type { Published } from '@fal-llm/core/binding'
import { createSubscriber } from 'svelte/reactivity'
import { fieldStores } from './field-stores.ts'

/** Adds to `target` a reactive getter per field of a published state. What reads a field runs again when that field changes. */
export function withFields<State extends object, Target extends object>(
  source: Published<State>,
  target: Target,
): Readonly<State> & Target {
  const stores = fieldStores(source)
  for (const field of Object.keys(source.getState()) as (keyof State)[]) {
    const track = createSubscriber((update) => {
      let isFirst = true
      return stores[field].subscribe(() => {
        if (!isFirst) update()
        isFirst = false
      })
    })
    const get = (): State[keyof State] => {
      track()
      return source.getState()[field]
    }
    Object.defineProperty(target, field, { enumerable: true, get })
  }
  // A state has all its fields from the start, so each has its getter now.
  return target as Readonly<State> & Target
}
