import { offlineSentence } from '@fal-llm/app-shared/dom/online-status'
import { Icon } from './icon.tsx'
import { online } from './page.ts'
import { useViewStore } from './use-view-store.ts'

/** Shows that there is no network, while there is none. */
export function OfflineBanner() {
  const isOnline = useViewStore(online)
  return (
    <div role="status">
      {!isOnline && (
        <p className="offline">
          <Icon name="offline" />
          {offlineSentence}
        </p>
      )}
    </div>
  )
}
