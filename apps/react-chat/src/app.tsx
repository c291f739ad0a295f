import { toChatOptions } from '@fal-llm/app-shared/stores/settings'
import { createTurns } from '@fal-llm/app-shared/llm/turns'
import { useFalChat } from '@fal-llm/react'
import type { EndpointId } from '@fal-llm/react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { Composer } from './composer.tsx'
import { Conversation } from './conversation.tsx'
import { Drawer } from './drawer.tsx'
import { DropZone } from './drop-zone.tsx'
import { Header } from './header.tsx'
import { OfflineBanner } from './offline-banner.tsx'
import { conversations, draft, settings } from './page.ts'
import { Rail } from './rail.tsx'
import { useViewStore } from './use-view-store.ts'

/** The whole screen: past conversations, the model, the messages, the composer. */
export function App() {
  const { openId } = useViewStore(conversations)
  const { chat, id } = useFalChat<EndpointId>({
    ...toChatOptions(useViewStore(settings)),
    id: openId,
    storage: conversations.storage,
  })
  const turns = useMemo(() => createTurns(chat, { settings, putBack: draft.putBack }), [chat])
  const [isDrawerOpen, setIsDrawerOpen] = useState(false)
  const openDrawer = useCallback(() => setIsDrawerOpen(true), [])
  const closeDrawer = useCallback(() => setIsDrawerOpen(false), [])
  useEffect(() => conversations.follow(chat), [chat])

  return (
    <div className="screen">
      <Rail />
      <div className="chat">
        <Header onList={openDrawer} />
        <OfflineBanner />
        <Conversation key={id} chat={chat} turns={turns} />
        <Composer chat={chat} turns={turns} />
      </div>
      <Drawer isOpen={isDrawerOpen} onClose={closeDrawer} />
      <DropZone />
    </div>
  )
}
