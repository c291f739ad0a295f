import { icons } from '@fal-llm/app-shared/dom/icons'
import type { IconName } from '@fal-llm/app-shared/dom/icons'

/** A drawing beside a name; hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={icons[name]} />
    </svg>
  )
}
