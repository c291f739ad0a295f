import type { Mount } from '@fal-llm/testkit/binding-conformance'
import * as svelte from 'svelte'
import type { Component } from 'svelte'
import { writable } from 'svelte/store'
import App from './app.svelte'

/** What Svelte 4 compiles a component to. */
type ComponentClass = new (settings: { target: Element; props: object; hydrate: boolean }) => {
  $destroy(): void
}

/** Whether components are functions, as from Svelte 5 on. */
export const isSvelte5 = 'mount' in svelte

/** Mounts a page, in the way of the Svelte that runs. */
export function mountPage<Options, Probe>(page: Component, hydrate = false): Mount<Options, Probe> {
  return (target, first, probe) => {
    const options = writable(first)
    const props = { page, options, probe }
    const unmount = isSvelte5 ? start5(target, props, hydrate) : start4(target, props, hydrate)
    return { setOptions: options.set, unmount }
  }
}

function start5(target: Element, props: object, hydrate: boolean): () => void {
  const app = (hydrate ? svelte.hydrate : svelte.mount)(App, { target, props })
  return () => void svelte.unmount(app)
}

function start4(target: Element, props: object, hydrate: boolean): () => void {
  // Svelte 4 compiled it.
  const OldApp = App as unknown as ComponentClass
  const app = new OldApp({ target, props, hydrate })
  return () => app.$destroy()
}
