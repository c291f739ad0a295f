import { toErrorSentence } from '@fal-llm/app-shared/text/error-sentence'
import type { FalLlmError } from '@fal-llm/react'
import { Icon } from './icon.tsx'

interface ErrorNoteProps {
  readonly error: FalLlmError
  /** The button's label where the answer is not paid again. Default 'Retry'. */
  readonly action?: string
  readonly onRetry?: (() => void) | undefined
}

/** What went wrong, in a plain sentence; the server's own message is folded beneath it. */
export function ErrorNote({ error, action = 'Retry', onRetry }: ErrorNoteProps) {
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
          {action}
        </button>
      )}
    </div>
  )
}
