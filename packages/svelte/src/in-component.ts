import { getAllContexts, onDestroy } from 'svelte'

/** Whether a component is being set up right now, in a browser or on a server. Never throws. */
export function inComponent(): boolean {
  try {
    getAllContexts()
    return true
  } catch {
    // There is no other way to ask: Svelte 4 and 5 both throw outside a component.
    return false
  }
}

/** Calls back when the component that is being set up is destroyed. Does nothing outside a component. */
export function withComponent(leave: () => void): void {
  if (inComponent()) onDestroy(leave)
}
