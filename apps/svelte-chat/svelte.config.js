/** @type {import('@sveltejs/vite-plugin-svelte').SvelteConfig} */
export default {
  // A component without a rune in it is one of Svelte 5 all the same.
  compilerOptions: { runes: true },
}
