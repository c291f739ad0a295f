import { toModelName } from '@fal-llm/app-shared/view/model-groups'
import type { Chat } from '@fal-llm/react'
import { useFalChatSelector } from '@fal-llm/react'
import { memo, useState } from 'react'
import { GrowingText } from './growing-text.tsx'
import { IconButton } from './icon-button.tsx'
import { Icon } from './icon.tsx'
import type { Settings } from './settings.ts'
import { useEscape } from './use-escape.ts'

interface ComposerProps {
  readonly chat: Chat
  readonly settings: Settings
  readonly onChange: (settings: Settings) => void
}

/** Where the next message is written: Enter sends, Shift+Enter begins a line, Escape stops the answer. */
export const Composer = memo(function Composer({ chat, settings, onChange }: ComposerProps) {
  const [draft, setDraft] = useState('')
  const canStop = useFalChatSelector(chat, (state) => state.canStop)
  const isEmpty = draft.trim() === ''
  useEscape(chat.stop)

  function send() {
    if (isEmpty) return
    void chat.send(draft)
    setDraft('')
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div className="composer-card">
        <GrowingText
          label="Message"
          placeholder={`Message ${toModelName(settings.model)}`}
          value={draft}
          onChange={setDraft}
          onEnter={send}
          autoFocus
        />
        <div className="composer-end">
          <button
            type="button"
            className="toggle"
            aria-pressed={settings.reasoning}
            onClick={() => onChange({ ...settings, reasoning: !settings.reasoning })}
          >
            <Icon name="reasoning" />
            Reasoning
          </button>
          {canStop && (
            <IconButton
              name="Stop"
              icon="stop"
              className="round round-stop"
              onClick={() => void chat.stop()}
            />
          )}
          {(!canStop || !isEmpty) && (
            <IconButton
              name="Send"
              icon="send"
              type="submit"
              className="round round-main"
              disabled={isEmpty}
            />
          )}
        </div>
      </div>
    </form>
  )
})
