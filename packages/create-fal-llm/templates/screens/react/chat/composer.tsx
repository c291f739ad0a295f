import { useState } from 'react'
import { IconButton } from './icon-button'

interface ComposerProps {
  isBusy: boolean
  onSend: (text: string) => Promise<unknown>
  onStop: () => Promise<void>
}

/** Where the next message is written. Enter sends, Shift+Enter begins a line. */
export function Composer({ isBusy, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState('')
  const canSend = !isBusy && text.trim() !== ''

  function send() {
    if (!canSend) return
    void onSend(text)
    setText('')
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <div className="growing" data-text={`${text} `}>
        <textarea
          rows={1}
          autoFocus
          aria-label="Message"
          placeholder="Ask anything"
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
            event.preventDefault()
            send()
          }}
        />
      </div>
      {isBusy ? (
        <IconButton name="Stop" icon="stop" className="round" onClick={() => void onStop()} />
      ) : (
        <IconButton name="Send" icon="send" className="round" type="submit" disabled={!canSend} />
      )}
    </form>
  )
}
