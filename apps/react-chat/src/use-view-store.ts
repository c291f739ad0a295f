import type { ViewStore } from '@fal-llm/app-shared/stores/view-store'
import { useSyncExternalStore } from 'react'

/** Reads a store and renders again when it changes. */
export function useViewStore<State>(store: ViewStore<State>): State {
  return useSyncExternalStore(store.subscribe, store.getState)
}
