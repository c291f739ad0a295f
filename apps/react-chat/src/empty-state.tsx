import { emulatorCommands } from '@fal-llm/app-shared/view/emulator-commands'
import { suggestions } from '@fal-llm/app-shared/view/suggestions'
import type { Chat } from '@fal-llm/react'

const isEmulated = import.meta.env['VITE_FAL_TARGET'] === 'emulator'

/** What an empty conversation offers to begin with. */
export function EmptyState({ chat }: { readonly chat: Chat }) {
  return (
    <section className="empty" aria-label="Suggestions">
      <h2>What shall we ask?</h2>
      <ul className="offers">
        {suggestions.map(({ title, prompt }) => (
          <li key={title}>
            <button type="button" className="offer" onClick={() => void chat.send(prompt)}>
              {title}
            </button>
          </li>
        ))}
      </ul>
      {isEmulated && <Commands chat={chat} />}
    </section>
  )
}

function Commands({ chat }: { readonly chat: Chat }) {
  return (
    <div>
      <p>The emulator answers here, no key needed. It knows a few commands:</p>
      <ul className="commands">
        {emulatorCommands.map((command) => (
          <li key={command}>
            <button type="button" className="command" onClick={() => void chat.send(command)}>
              {command}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
