import type { KeyboardEvent } from 'react'

interface GrowingTextProps {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly autoFocus?: boolean
  readonly onChange: (value: string) => void
  readonly onEnter: () => void
  readonly onEscape?: () => void
}

/** A field as tall as its text. Enter is the caller's; Shift+Enter, and Enter while an input method composes, are not. */
export function GrowingText({
  label,
  value,
  onChange,
  onEnter,
  onEscape,
  ...rest
}: GrowingTextProps) {
  function handleKey(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      onEnter()
    }
    if (event.key === 'Escape' && onEscape) {
      event.preventDefault()
      onEscape()
    }
  }

  return (
    <div className="growing" data-text={`${value} `}>
      <textarea
        {...rest}
        rows={1}
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={handleKey}
      />
    </div>
  )
}
