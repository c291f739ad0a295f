// A page that was hidden or offline may have lost its connections without hearing of it. Only a page has these events:
// elsewhere nothing is ever called.

/** Calls back when the network has returned or the page is looked at again. Returns how to stop listening. */
export function onWake(callback: () => void): () => void {
  const scope = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener'>> & {
    readonly document?: Document
  }
  const { document: page } = scope
  const look = (): void => {
    if (page?.visibilityState === 'visible') callback()
  }
  scope.addEventListener?.('online', callback)
  page?.addEventListener('visibilitychange', look)
  return () => {
    scope.removeEventListener?.('online', callback)
    page?.removeEventListener('visibilitychange', look)
  }
}
