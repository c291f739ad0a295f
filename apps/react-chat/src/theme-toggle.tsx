import { createThemeSwitch } from '@fal-llm/app-shared/view/theme'
import { useSyncExternalStore } from 'react'
import { IconButton } from './icon-button.tsx'

const theme = createThemeSwitch()

/** Switches between light and dark; until it is used, the system decides. */
export function ThemeToggle() {
  const isDark = useSyncExternalStore(theme.subscribe, theme.getState) === 'dark'
  return (
    <IconButton
      name="Dark theme"
      icon={isDark ? 'light' : 'dark'}
      aria-pressed={isDark}
      onClick={theme.toggle}
    />
  )
}
