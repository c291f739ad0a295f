import { toErrorSentence } from '@fal-llm/app-shared/view/error-sentence'
import type { FalLlmError } from '@fal-llm/react'
import { Icon } from './icon.tsx'

interface ErrorNoteProps {
  readonly error: FalLlmError
  readonly onRetry?: (() => void) | undefined
}

/** What went wrong, in a plain sentence; what the server said is folded beneath it. */
export function ErrorNote({ error, onRetry }: ErrorNoteProps) {
  return (
    <div className="error-note">
      <details>
        <summary>{toErrorSentence(error)}</summary>
        <p>
          <code>{error.code}</code> {error.message}
        </p>
        {error.requestId && <p>Request {error.requestId}</p>}
      </details>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          <Icon name="regenerate" />
          Retry
        </button>
      )}
    </div>
  )
}
