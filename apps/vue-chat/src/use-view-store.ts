import type { ViewStore } from '@fal-llm/app-shared/stores/view-store'
import { onScopeDispose, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'

/** A store as a ref, for as long as the scope lives. */
export function useViewStore<State>(store: ViewStore<State>): Readonly<ShallowRef<State>> {
  const state = shallowRef(store.getState())
  const stop = store.subscribe((next) => {
    state.value = next
  })
  onScopeDispose(stop)
  return state
}
