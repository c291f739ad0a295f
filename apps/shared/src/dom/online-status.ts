import type { ViewStore } from '../stores/view-store.ts'

/** Whether the browser has a network; true where it does not say. */
export function createOnlineStatus(): ViewStore<boolean> {
  const getState = (): boolean => navigator.onLine !== false
  return {
    getState,
    subscribe(listener) {
      const tell = () => listener(getState())
      globalThis.addEventListener('online', tell)
      globalThis.addEventListener('offline', tell)
      tell()
      return () => {
        globalThis.removeEventListener('online', tell)
        globalThis.removeEventListener('offline', tell)
      }
    },
  }
}

/** What the banner says while there is none. */
export const offlineSentence =
  'You are offline. What you wrote is kept; send or retry once you are back.'
