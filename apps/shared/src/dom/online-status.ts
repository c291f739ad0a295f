import type { ViewStore } from '../stores/view-store.ts'

/** Whether the browser has a network; true where it does not say. */
export function createOnlineStatus(): ViewStore<boolean> {
  const getState = (): boolean => navigator.onLine !== false
  return {
    getState,
    subscribe(listener) {
      const notify = () => listener(getState())
      globalThis.addEventListener('online', notify)
      globalThis.addEventListener('offline', notify)
      notify()
      return () => {
        globalThis.removeEventListener('online', notify)
        globalThis.removeEventListener('offline', notify)
      }
    },
  }
}

/** The banner's text while there is none. */
export const offlineSentence =
  'You are offline. What you wrote is kept; send or retry once you are back.'
