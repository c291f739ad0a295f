import { toComposerNotes } from '@fal-llm/app-shared/text/composer-notes'
import { toModelName } from '@fal-llm/app-shared/text/model-groups'
import { onEscape } from '@fal-llm/app-shared/dom/on-escape'
import { takePastedFiles } from '@fal-llm/app-shared/dom/pasted-files'
import type { Turns } from '@fal-llm/app-shared/llm/turns'
import type { Chat } from '@fal-llm/react'
import { useFalChatSelector } from '@fal-llm/react'
import { memo, useEffect, useId } from 'react'
import { AttachedImages } from './attached-images.tsx'
import { ComposerTools } from './composer-tools.tsx'
import { CostLine } from './cost-line.tsx'
import { GrowingText } from './growing-text.tsx'
import { IconButton } from './icon-button.tsx'
import { attachments, draft, settings } from './page.ts'
import { useViewStore } from './use-view-store.ts'

interface ComposerProps {
  readonly chat: Chat
  readonly turns: Turns
}

/** Where the next message is written: Enter sends, Shift+Enter begins a line, Escape stops the answer. */
export const Composer = memo(function Composer({ chat, turns }: ComposerProps) {
  const text = useViewStore(draft)
  const notesId = useId()
  const canStop = useFalChatSelector(chat, (state) => state.canStop)
  const storage = useFalChatSelector(chat, (state) => state.storage)
  const attached = useViewStore(attachments)
  const chosen = useViewStore(settings)
  const isEmpty = text.trim() === '' && attached.items.length === 0
  const canSend = !isEmpty && attached.blocker === undefined
  useEffect(() => onEscape(chat.stop), [chat])

  function send() {
    if (!canSend) return
    turns.send(text, attachments.take())
    draft.set('')
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      onPaste={(event) => attachments.add(takePastedFiles(event.nativeEvent))}
    >
      <div className="composer-card">
        {attached.items.length > 0 && <AttachedImages items={attached.items} />}
        <div className="composer-notes" role="status" id={notesId}>
          {toComposerNotes(attached, chosen, storage).map(({ text: note, tone }) => (
            <p key={note} className="note" data-tone={tone}>
              {note}
            </p>
          ))}
        </div>
        <GrowingText
          label="Message"
          placeholder={`Message ${toModelName(chosen.model)}`}
          value={text}
          onChange={(next) => {
            draft.set(next)
            attachments.dismissRefusal()
          }}
          onEnter={send}
          autoFocus
        />
        <div className="composer-end">
          <ComposerTools settings={chosen} />
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
              aria-describedby={notesId}
              disabled={!canSend}
            />
          )}
        </div>
      </div>
      <CostLine chat={chat} />
    </form>
  )
})
