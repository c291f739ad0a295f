import * as svelteStore from 'svelte/store'

/**
 * What of Svelte 5 leads from stores to runes and back.
 *
 * @throws Error in Svelte 4, which has the module and not these functions: a named import would fail where nothing can be
 * said about it.
 */
export function bridgesToRunes(): Pick<typeof svelteStore, 'fromStore' | 'toStore'> {
  if (typeof svelteStore.fromStore === 'function') return svelteStore
  throw new Error(
    '@fal-llm/svelte/runes needs Svelte 5.7 or newer. In Svelte 4 use createFalChat and createFalCompletion of @fal-llm/svelte, which are stores',
  )
}
