import { createViewStore } from '../stores/view-store.ts'
import type { ViewStore } from '../stores/view-store.ts'

/** Keeps the end of a growing conversation in view until its reader scrolls up. Its state is whether the end is in view. */
export interface StickToBottom extends ViewStore<boolean> {
  /** Watches a scrolling element and its first child, the content. Returns the end of watching. */
  attach(scroller: HTMLElement | null): () => void
  /** Goes to the end and stays there; smoothly, where the reader has nothing against motion. */
  scrollToEnd(isSmooth?: boolean): void
}

/** Pixels from the end at which a reader who scrolls down has arrived. */
const tolerance = 32

/** Makes a keeper for one conversation; it does nothing until attached. */
export function createStickToBottom(): StickToBottom {
  const { getState, subscribe, set } = createViewStore(true)
  let element: HTMLElement | undefined
  let last = { top: 0, height: 0 }

  function goToEnd(): void {
    if (!element) return
    element.scrollTop = element.scrollHeight
    last = { top: element.scrollTop, height: element.scrollHeight }
  }

  /** Without messages there is no end to follow: suggestions are read from their beginning. */
  function hasRows(): boolean {
    return element?.querySelector('article') != null
  }

  function handleScroll(): void {
    if (!element || !hasRows()) return
    const { scrollTop, scrollHeight, clientHeight } = element
    // Any step up is the reader's, unless the text shrank beneath them. It has to count at once:
    // waiting for a distance would pull them back with the next token.
    const wentUp = scrollTop < last.top - 1 && scrollHeight >= last.height
    if (wentUp) set(false)
    else if (scrollHeight - scrollTop - clientHeight <= tolerance) set(true)
    last = { top: scrollTop, height: scrollHeight }
  }

  function handleResize(): void {
    if (getState() && hasRows()) goToEnd()
  }

  return {
    getState,
    subscribe,
    attach(scroller) {
      if (!scroller) return () => {}
      element = scroller
      const observer = new ResizeObserver(handleResize)
      observer.observe(scroller)
      if (scroller.firstElementChild) observer.observe(scroller.firstElementChild)
      scroller.addEventListener('scroll', handleScroll, { passive: true })
      return () => {
        observer.disconnect()
        scroller.removeEventListener('scroll', handleScroll)
        element = undefined
      }
    },
    scrollToEnd(isSmooth = false) {
      set(true)
      if (!hasRows()) return
      if (!isSmooth || matchMedia('(prefers-reduced-motion: reduce)').matches) goToEnd()
      else element?.scrollTo({ top: element.scrollHeight, behavior: 'smooth' })
    },
  }
}
