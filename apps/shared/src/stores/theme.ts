import { createViewStore } from './view-store.ts'
import type { ViewStore } from './view-store.ts'

/** Which colours the page wears. */
export type Theme = 'light' | 'dark'

/** The page's theme: the reader's choice where there is one, else the system's. */
export interface ThemeSwitch extends ViewStore<Theme> {
  /** Chooses the other one and remembers it. */
  toggle(): void
}

const storageKey = 'fal-llm-theme'

/** Takes charge of `data-theme` on the page. A storage that refuses only costs the memory of the choice. */
export function createThemeSwitch(): ThemeSwitch {
  const system = matchMedia('(prefers-color-scheme: dark)')
  let chosen = readChoice()
  const current = (): Theme => chosen ?? (system.matches ? 'dark' : 'light')
  const { getState, subscribe, set } = createViewStore(current())
  const show = () => {
    if (chosen) document.documentElement.dataset['theme'] = chosen
    set(current())
  }
  system.addEventListener('change', show)
  show()

  return {
    getState,
    subscribe,
    toggle() {
      chosen = getState() === 'dark' ? 'light' : 'dark'
      saveChoice(chosen)
      show()
    },
  }
}

function readChoice(): Theme | undefined {
  try {
    const stored = localStorage.getItem(storageKey)
    return stored === 'light' || stored === 'dark' ? stored : undefined
  } catch {
    return undefined
  }
}

function saveChoice(theme: Theme): void {
  try {
    localStorage.setItem(storageKey, theme)
  } catch {
    // A private window may refuse; the choice then lasts as long as the page.
  }
}
