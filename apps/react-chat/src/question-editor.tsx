import { useState } from 'react'
import { GrowingText } from './growing-text.tsx'

interface QuestionEditorProps {
  readonly text: string
  readonly onSave: (text: string) => void
  readonly onCancel: () => void
}

/** Edits a question: Enter saves, Escape leaves it as it was. */
export function QuestionEditor({ text, onSave, onCancel }: QuestionEditorProps) {
  const [draft, setDraft] = useState(text)
  const canSave = draft.trim() !== ''

  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault()
        if (canSave) onSave(draft)
      }}
    >
      <GrowingText
        label="Edited text"
        value={draft}
        onChange={setDraft}
        onEnter={() => canSave && onSave(draft)}
        onEscape={onCancel}
        autoFocus
      />
      <div className="editor-end">
        <button type="button" className="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" className="button button-main" disabled={!canSave}>
          Save
        </button>
      </div>
    </form>
  )
}
