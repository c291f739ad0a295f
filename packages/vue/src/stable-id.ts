import * as vue from 'vue'

/** An id that is the same on server and client; undefined outside a component and before Vue 3.5. */
export function stableId(): string | undefined {
  // Named in an import, it would not load on Vue 3.4.
  return vue.getCurrentInstance() ? vue.useId?.() : undefined
}
