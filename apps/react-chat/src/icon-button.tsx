import type { IconName } from '@fal-llm/app-shared/dom/icons'
import type { ComponentProps } from 'react'
import { Icon } from './icon.tsx'

type IconButtonProps = Omit<ComponentProps<'button'>, 'children'> & {
  readonly name: string
  readonly icon: IconName
}

/** A button that is a drawing; its name is read aloud and shown on hover. */
export function IconButton({ name, icon, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`icon-button ${className}`}
      aria-label={name}
      title={name}
    >
      <Icon name={icon} />
    </button>
  )
}
