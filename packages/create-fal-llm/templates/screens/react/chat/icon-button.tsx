import type { ButtonHTMLAttributes } from 'react'
import { icons } from './icons'

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  name: string
  icon: keyof typeof icons
}

/** A button that shows a drawing and says its name. */
export function IconButton({ name, icon, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={`icon-button ${className}`}
      aria-label={name}
      title={name}
      {...rest}
    >
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d={icons[icon]} />
      </svg>
    </button>
  )
}
