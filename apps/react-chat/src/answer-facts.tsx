import { toAnswerFacts } from '@fal-llm/app-shared/text/answer-facts'
import type { ChatMessage } from '@fal-llm/react'

/** Model, time to first token, speed and cost, as far as they are known. */
export function AnswerFacts({ message }: { readonly message: ChatMessage }) {
  return (
    <dl className="facts">
      {toAnswerFacts(message).map(({ name, value, estimated }) => (
        <div key={name} title={estimated ? `${name}, estimated` : name}>
          <dt className="hidden">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
