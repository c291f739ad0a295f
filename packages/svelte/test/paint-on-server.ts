import type { ChatSource } from '@fal-llm/core/binding'
import { createScriptedLlm } from '@fal-llm/testkit'
import type { ChatProbe } from '@fal-llm/testkit/binding-conformance'
import type { Component } from 'svelte'
import { readable } from 'svelte/store'
import App from './app.svelte'

/** What Svelte 4 compiles a component to, for a server. */
interface OldServerComponent {
  render(props: object): { html: string }
}

/** A page, as a server of the Svelte that runs paints it, and what it asked for meanwhile. */
export async function paintOnServer(
  page: Component,
  source: ChatSource = {},
): Promise<{ html: string; requests: number; reads: number }> {
  let reads = 0
  const read = (): null => {
    reads += 1
    return null
  }
  const llm = createScriptedLlm()
  const storage = { getItem: read, setItem() {}, removeItem() {} }
  const probe: ChatProbe = { setsState: false, rendered() {}, rowRendered() {}, received() {} }
  const props = { page, options: readable({ llm, storage, ...source }), probe }
  const html = await render(props)
  await new Promise((resolve) => setImmediate(resolve))
  return { html, requests: llm.calls.length, reads }
}

// Svelte 4 has no such door, and a bundler would look for it.
const svelteServer = 'svelte/server'

async function render(props: object): Promise<string> {
  // Svelte 4 compiles a component for a server to an object, Svelte 5 to a function.
  if (typeof App !== 'function') return (App as OldServerComponent).render(props).html
  const server = await import(/* @vite-ignore */ svelteServer)
  return server.render(App, { props }).body
}
