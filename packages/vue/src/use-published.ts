import type { Published } from '@fal-llm/core/binding'
import { computed, getCurrentInstance, getCurrentScope, onMounted, shallowRef, watch } from 'vue'
import type { ShallowRef, WatchCallback } from 'vue'

/** A ref per field of a state. */
export type FieldRefs<State> = {
  readonly [Field in keyof State]: Readonly<ShallowRef<State[Field]>>
}

/** Reads a published state, a ref per field. A ref changes only with its field, and all change together. */
export function usePublished<State extends object>(
  source: () => Published<State>,
): FieldRefs<State> {
  // A component that is hydrated has its element before its setup: it paints first what the server painted.
  const isHydrating = Boolean(getCurrentInstance()?.vnode.el)
  const state: ShallowRef<State> = shallowRef(
    isHydrating ? source().getServerState() : source().getState(),
  )
  const scope = getCurrentScope()
  const listen = (): void => {
    const follow: WatchCallback<Published<State>> = (published, _, onCleanup) => {
      onCleanup(
        published.subscribe((next) => {
          state.value = next
        }),
      )
    }
    watch(source, follow, { immediate: true })
  }
  // A server mounts nothing, so it subscribes to nothing. The scope need not be the component's: a store has its own.
  if (getCurrentInstance()) onMounted(() => scope?.run(listen))
  else listen()

  // A state has all its fields from the start.
  const fields = Object.keys(state.value) as (keyof State)[]
  const refs = fields.map((field) => [field, computed(() => state.value[field])] as const)
  return Object.fromEntries<unknown>(refs) as FieldRefs<State>
}
