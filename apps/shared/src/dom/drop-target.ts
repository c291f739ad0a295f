import { createViewStore } from '../stores/view-store.ts'
import type { ViewStore } from '../stores/view-store.ts'

/** A place to drop files. Its state is whether files are held over it. */
export interface DropTarget extends ViewStore<boolean> {
  /** Watches an element, or the whole page. Returns the end of watching. */
  attach(element?: EventTarget): () => void
}

/** Makes a place for files; text that is dragged is left to the page. */
export function createDropTarget(onFiles: (files: readonly File[]) => void): DropTarget {
  const { getState, subscribe, set } = createViewStore(false)
  /** Entering a child comes before leaving its parent: held over as long as more was entered than left. */
  let depth = 0
  const end = (): void => {
    depth = 0
    set(false)
  }
  const handlers: Readonly<Record<string, (event: DragEvent) => void>> = {
    dragenter() {
      depth += 1
      set(true)
    },
    dragover(event) {
      // Without this the browser opens the file in place of the page.
      event.preventDefault()
    },
    dragleave() {
      depth -= 1
      if (depth <= 0) end()
    },
    drop(event) {
      event.preventDefault()
      end()
      onFiles([...(event.dataTransfer?.files ?? [])])
    },
  }
  const handle = (event: Event): void => {
    // Only these four are listened to, and each is a DragEvent.
    const drag = event as DragEvent
    if (drag.dataTransfer?.types.includes('Files')) handlers[event.type]?.(drag)
  }

  return {
    getState,
    subscribe,
    attach(element = document) {
      for (const type of Object.keys(handlers)) element.addEventListener(type, handle)
      return () => {
        for (const type of Object.keys(handlers)) element.removeEventListener(type, handle)
        end()
      }
    },
  }
}
