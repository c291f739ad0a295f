import { createStickToBottom } from '@fal-llm/app-shared/dom/stick-to-bottom'
import { watch, watchPostEffect } from 'vue'
import type { ShallowRef } from 'vue'
import { useViewStore } from './use-view-store.ts'

/** Keeps the end of a scroller in view. `turns` is how many rows there are: a new one brings the end back. */
export function useStickToBottom(
  scroller: Readonly<ShallowRef<HTMLElement | null>>,
  turns: () => number,
) {
  const stick = createStickToBottom()
  watchPostEffect((onCleanup) => onCleanup(stick.attach(scroller.value)))
  watch(turns, () => stick.scrollToEnd(), { flush: 'post' })
  return { isAtEnd: useViewStore(stick), scrollToEnd: () => stick.scrollToEnd(true) }
}
