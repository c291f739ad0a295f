import { useEffect } from 'react'

/** Calls the handler when Escape is pressed anywhere on the page, but not while an input method composes. */
export function useEscape(handler: () => void): void {
  useEffect(() => {
    function handleKey(event: KeyboardEvent) {
      if (event.key === 'Escape' && !event.isComposing) handler()
    }
    document.addEventListener('keydown', handleKey)
    return () => document.removeEventListener('keydown', handleKey)
  }, [handler])
}
