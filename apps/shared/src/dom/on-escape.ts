/**
 * Calls the handler when Escape is pressed on the page and nothing nearer wants it: no input method that composes,
 * no open dialog, no editor. Returns the end of listening.
 */
export function onEscape(handler: () => void): () => void {
  const handleKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return
    if (document.querySelector('dialog[open]')) return
    handler()
  }
  document.addEventListener('keydown', handleKey)
  return () => document.removeEventListener('keydown', handleKey)
}
