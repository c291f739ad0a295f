import type { Chat } from '@fal-llm/react'
import { memo } from 'react'
import { EndpointPicker } from './endpoint-picker.tsx'
import { IconButton } from './icon-button.tsx'
import { ModelPicker } from './model-picker.tsx'
import { withEndpoint } from './settings.ts'
import type { Settings } from './settings.ts'
import { ThemeToggle } from './theme-toggle.tsx'

interface HeaderProps {
  readonly chat: Chat
  readonly settings: Settings
  readonly onChange: (settings: Settings) => void
}

/** The product's name and the choice of a model. */
export const Header = memo(function Header({ chat, settings, onChange }: HeaderProps) {
  async function startAnew() {
    await chat.stop()
    chat.clear()
  }

  return (
    <header className="bar">
      <h1 className="mark">fal-llm</h1>
      <div className="pickers">
        <EndpointPicker
          endpoint={settings.endpoint}
          onPick={(endpoint) => onChange(withEndpoint(settings, endpoint))}
        />
        <ModelPicker
          endpoint={settings.endpoint}
          model={settings.model}
          onPick={(model) => onChange({ ...settings, model })}
        />
      </div>
      <div className="bar-end">
        <IconButton name="New chat" icon="fresh" onClick={startAnew} />
        <ThemeToggle />
      </div>
    </header>
  )
})
