import { imageTypes } from '@fal-llm/app-shared/text/refuse-image'
import type { Settings } from '@fal-llm/app-shared/stores/settings'
import { useRef } from 'react'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icon.tsx'
import { attachments, settings as choices } from './page.ts'

/** What can be put to a message, and how it is to be answered. */
export function ComposerTools({ settings }: { readonly settings: Settings }) {
  const picker = useRef<HTMLInputElement>(null)
  return (
    <div className="composer-tools">
      <IconButton name="Attach images" icon="attach" onClick={() => picker.current?.click()} />
      <input
        type="file"
        ref={picker}
        hidden
        multiple
        accept={imageTypes.join()}
        onChange={({ currentTarget: input }) => {
          attachments.add(input.files ?? [])
          // The same file may be chosen again.
          input.value = ''
        }}
      />
      <button
        type="button"
        className="toggle"
        aria-pressed={settings.reasoning}
        onClick={choices.toggleReasoning}
      >
        <Icon name="reasoning" />
        Reasoning
      </button>
      <button
        type="button"
        className="toggle"
        aria-pressed={settings.durable}
        title="Answers go through the queue and survive a reload"
        onClick={choices.toggleDurable}
      >
        <Icon name="durable" />
        Durable
      </button>
    </div>
  )
}
