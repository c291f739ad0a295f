import { createStickToBottom } from '@fal-llm/app-shared/dom/stick-to-bottom'
import { useLayoutEffect, useState, useSyncExternalStore } from 'react'

/** Keeps the end of a scroller in view. `turns` is how many rows there are: a new one brings the end back. */
export function useStickToBottom(turns: number) {
  const [stick] = useState(createStickToBottom)
  const isAtEnd = useSyncExternalStore(stick.subscribe, stick.getState)
  useLayoutEffect(() => stick.scrollToEnd(), [stick, turns])
  return { attach: stick.attach, isAtEnd, scrollToEnd: () => stick.scrollToEnd(true) }
}
