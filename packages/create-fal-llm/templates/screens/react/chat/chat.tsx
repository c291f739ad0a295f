import { indexedDbStorage, useFalChat } from '@fal-llm/react'
import { useState } from 'react'
import { Composer } from './composer'
import { IconButton } from './icon-button'
import { icons } from './icons'
import { Message } from './message'
import { models } from './models'
import type { ModelId } from './models'
import { stickToEnd } from './stick-to-end'
import { suggestions } from './suggestions'

// Opened with the first look at it, and never on a server.
const storage = indexedDbStorage()

/** The whole screen: whom to ask, what was said, what to say next. */
export function Chat({ name }: { name: string }) {
  const [model, setModel] = useState<ModelId>(models[0].id)
  const chat = useFalChat({ id: 'chat', model, storage })
  const { messages, isBusy, canRegenerate } = chat
  // A failed second version gives the screen back to the first: then only the chat knows of the failure.
  const error = messages.at(-1)?.error ?? chat.error

  return (
    <div className="chat">
      <header className="bar">
        <h1>{name}</h1>
        <select
          className="picker"
          aria-label="Model"
          value={model}
          onChange={({ target }) => setModel(models[target.selectedIndex]!.id)}
        >
          {models.map((choice) => (
            <option key={choice.id} value={choice.id}>
              {choice.name}
            </option>
          ))}
        </select>
        {messages.length > 0 && (
          <IconButton
            name="Delete this conversation"
            icon="clear"
            onClick={() => confirm('Delete this conversation?') && chat.clear()}
          />
        )}
      </header>

      <main className="scroller" ref={stickToEnd}>
        <div className="column" aria-live="polite" aria-busy={isBusy}>
          {messages.length === 0 && chat.status !== 'loading' && (
            <section className="empty">
              <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
                <path d={icons.spark} />
              </svg>
              <h2>What would you like to know?</h2>
              {suggestions.map(({ title, prompt }) => (
                <button key={title} type="button" onClick={() => void chat.send(prompt)}>
                  <strong>{title}</strong>
                  <small>{prompt}</small>
                </button>
              ))}
            </section>
          )}
          {messages.map((message, index) => (
            <Message
              key={message.id}
              message={message}
              again={canRegenerate && index === messages.length - 1 ? chat.regenerate : undefined}
            />
          ))}
          {error && !isBusy && (
            <div className="failure" role="alert">
              <p>{error.message}</p>
              <button type="button" onClick={() => void chat.retry()}>
                Try again
              </button>
            </div>
          )}
        </div>
      </main>

      <Composer isBusy={isBusy} onSend={chat.send} onStop={chat.stop} />
      <p className="fine">
        {chat.storage === 'failed'
          ? 'This browser is not keeping the conversation: a reload would lose it.'
          : 'Models make mistakes. Check what matters.'}
      </p>
    </div>
  )
}
