import { chatEndpoints } from '@fal-llm/app-shared/llm/chat-endpoints'
import type { Endpoint } from '@fal-llm/react'

interface EndpointPickerProps {
  readonly endpoint: Endpoint
  readonly onPick: (id: string) => void
}

/** Which of fal's endpoints serves the model. */
export function EndpointPicker({ endpoint, onPick }: EndpointPickerProps) {
  return (
    <select
      className="picker picker-quiet"
      aria-label="Endpoint"
      value={endpoint.id}
      onChange={(event) => onPick(event.target.value)}
    >
      {chatEndpoints.map(({ id }) => (
        <option key={id}>{id}</option>
      ))}
    </select>
  )
}
