// A page that was hidden or offline may have lost its connections without hearing of it, and one that is hidden may never
// run again. Only a page has these events: elsewhere nothing is ever called.

/** What a page reports. */
export interface PageEvents {
  /** The network has returned, or the page is looked at again. */
  readonly onReturn: () => void
  /** The page is hidden or goes away: what is not written now may be lost. */
  readonly onLeave: () => void
}

/** Calls back when the page returns or goes away. Returns the function that stops it. */
export function onPageReturn({ onReturn, onLeave }: PageEvents): () => void {
  const scope = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener'>> & {
    readonly document?: Document
  }
  const { document: page } = scope
  const look = (): void => (page?.visibilityState === 'visible' ? onReturn() : onLeave())
  scope.addEventListener?.('online', onReturn)
  scope.addEventListener?.('pagehide', onLeave)
  page?.addEventListener('visibilitychange', look)
  return () => {
    scope.removeEventListener?.('online', onReturn)
    scope.removeEventListener?.('pagehide', onLeave)
    page?.removeEventListener('visibilitychange', look)
  }
}
