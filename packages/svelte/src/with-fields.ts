import type { Published } from '@fal-llm/core/binding'
import { fieldStores } from './field-stores.ts'
import { bridgesToRunes } from './svelte-5.ts'

/** Adds to `target` a reactive getter per field of a published state. What reads a field runs again when that field changes. */
export function withFields<State extends object, Target extends object>(
  source: Published<State>,
  target: Target,
): Readonly<State> & Target {
  const { fromStore } = bridgesToRunes()
  const stores = fieldStores(source)
  for (const field of Object.keys(source.getState()) as (keyof State)[]) {
    const tracked = fromStore<unknown>(stores[field])
    const get = (): State[keyof State] => {
      void tracked.current
      return source.getState()[field]
    }
    Object.defineProperty(target, field, { enumerable: true, get })
  }
  // A state has all its fields from the start, so each has its getter now.
  return target as Readonly<State> & Target
}
