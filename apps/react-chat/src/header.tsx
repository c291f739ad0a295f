import { memo } from 'react'
import { EndpointPicker } from './endpoint-picker.tsx'
import { IconButton } from './icon-button.tsx'
import { ModelPicker } from './model-picker.tsx'
import { conversations, settings } from './page.ts'
import { ThemeToggle } from './theme-toggle.tsx'
import { useViewStore } from './use-view-store.ts'

/** The product's name, the way to the list where it is out of view, and the choice of a model. */
export const Header = memo(function Header({ onList }: { readonly onList: () => void }) {
  const { endpoint, model } = useViewStore(settings)
  return (
    <header className="bar">
      <IconButton
        name="Conversations"
        icon="list"
        className="only-narrow"
        aria-haspopup="dialog"
        onClick={onList}
      />
      <h1 className="mark">fal-llm</h1>
      <div className="pickers">
        <EndpointPicker endpoint={endpoint} onPick={settings.pickEndpoint} />
        <ModelPicker endpoint={endpoint} model={model} onPick={settings.pickModel} />
      </div>
      <div className="bar-end">
        <IconButton
          name="New chat"
          icon="fresh"
          className="only-narrow"
          onClick={conversations.startNew}
        />
        <ThemeToggle />
      </div>
    </header>
  )
})
