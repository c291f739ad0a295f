import type { Attachment } from '@fal-llm/app-shared/stores/attachments'
import { Icon } from './icon.tsx'
import { attachments } from './page.ts'

/** The images of the message being written, and how far each is. */
export function AttachedImages({ items }: { readonly items: readonly Attachment[] }) {
  return (
    <ul className="attachments" aria-label="Attached images">
      {items.map(({ id, name, previewUrl, status, percent }) => (
        <li key={id} className="attachment" data-status={status}>
          <img src={previewUrl} alt={name} title={name} />
          {status === 'uploading' && <progress max={100} value={percent} aria-label={name} />}
          {status === 'failed' && (
            <button
              type="button"
              className="attachment-retry"
              aria-label={`Retry ${name}`}
              onClick={() => attachments.retry(id)}
            >
              Retry
            </button>
          )}
          <button
            type="button"
            className="attachment-remove"
            aria-label={`Remove ${name}`}
            title={`Remove ${name}`}
            onClick={() => attachments.remove(id)}
          >
            <Icon name="remove" />
          </button>
        </li>
      ))}
    </ul>
  )
}
