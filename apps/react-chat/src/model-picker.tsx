import { groupModels } from '@fal-llm/app-shared/text/model-groups'
import type { Endpoint } from '@fal-llm/react'

interface ModelPickerProps {
  readonly endpoint: Endpoint
  readonly model: string
  readonly onPick: (model: string) => void
}

/** An endpoint's models under their vendors. The platform's own list: it is at home on a phone. */
export function ModelPicker({ endpoint, model, onPick }: ModelPickerProps) {
  return (
    <select
      className="picker"
      aria-label="Model"
      value={model}
      onChange={(event) => onPick(event.target.value)}
    >
      {groupModels(endpoint.models).map(({ vendor, models }) => (
        <optgroup key={vendor} label={vendor}>
          {models.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  )
}
