import { emulatorCommands } from '@fal-llm/app-shared/text/emulator-commands'
import { emulatorUrl } from '@fal-llm/app-shared/llm/fal-target'
import { suggestions } from '@fal-llm/app-shared/text/suggestions'
import type { Turns } from '@fal-llm/app-shared/llm/turns'

/** What an empty conversation offers to begin with. */
export function EmptyState({ turns }: { readonly turns: Turns }) {
  return (
    <section className="empty" aria-label="Suggestions">
      <h2>What shall we ask?</h2>
      <ul className="offers">
        {suggestions.map(({ title, prompt }) => (
          <li key={title}>
            <button type="button" className="offer" onClick={() => turns.send(prompt)}>
              {title}
            </button>
          </li>
        ))}
      </ul>
      {emulatorUrl !== undefined && <Commands turns={turns} />}
    </section>
  )
}

function Commands({ turns }: { readonly turns: Turns }) {
  return (
    <div>
      <p>The emulator answers here, no key needed. It knows a few commands:</p>
      <ul className="commands">
        {emulatorCommands.map((command) => (
          <li key={command}>
            <button type="button" className="command" onClick={() => turns.send(command)}>
              {command}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
