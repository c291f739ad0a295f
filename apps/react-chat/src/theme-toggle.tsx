import { IconButton } from './icon-button.tsx'
import { theme } from './page.ts'
import { useViewStore } from './use-view-store.ts'

/** Switches between light and dark; until it is used, the system decides. */
export function ThemeToggle() {
  const isDark = useViewStore(theme) === 'dark'
  return (
    <IconButton
      name="Dark theme"
      icon={isDark ? 'light' : 'dark'}
      aria-pressed={isDark}
      onClick={theme.toggle}
    />
  )
}
