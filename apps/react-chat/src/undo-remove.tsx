import { IconButton } from './icon-button.tsx'
import { conversations } from './page.ts'

interface UndoRemoveProps {
  readonly title: string
  /** The focus needs another place: this goes away. */
  readonly onLeave: () => void
}

/** Brings back what was just deleted. It takes the focus, as the row that had it is gone. */
export function UndoRemove({ title, onLeave }: UndoRemoveProps) {
  return (
    <div className="undo">
      <p title={title}>Deleted “{title}”</p>
      <button
        type="button"
        className="button"
        autoFocus
        onClick={() => {
          onLeave()
          conversations.undoRemove()
        }}
      >
        Undo
      </button>
      <IconButton
        name="Dismiss"
        icon="remove"
        onClick={() => {
          onLeave()
          conversations.dismissRemoved()
        }}
      />
    </div>
  )
}
