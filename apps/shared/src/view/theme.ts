/** Which colours the page wears. */
export type Theme = 'light' | 'dark'

/** The page's theme: the reader's choice where there is one, else the system's. */
export interface ThemeSwitch {
  getState(): Theme
  /** Calls the listener on each change, the system's too. Returns the unsubscribe. */
  subscribe(listener: () => void): () => void
  /** Chooses the other one and remembers it. */
  toggle(): void
}

const storageKey = 'fal-llm-theme'

/** Takes charge of `data-theme` on the page. A storage that refuses only costs the memory of the choice. */
export function createThemeSwitch(): ThemeSwitch {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const listeners = new Set<() => void>()
  let chosen = readChoice()
  const show = () => {
    if (chosen) document.documentElement.dataset['theme'] = chosen
    for (const listener of listeners) listener()
  }
  system.addEventListener('change', show)
  show()

  const getState = (): Theme => chosen ?? (system.matches ? 'dark' : 'light')
  return {
    getState,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
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
