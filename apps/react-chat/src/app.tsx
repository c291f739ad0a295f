import { useFalChat } from '@fal-llm/react'
import type { EndpointId } from '@fal-llm/react'
import { useState } from 'react'
import { Composer } from './composer.tsx'
import { Conversation } from './conversation.tsx'
import { Header } from './header.tsx'
import { initialSettings, toChatOptions } from './settings.ts'

/** The whole screen: who to talk to, what was said, what to say next. */
export function App() {
  const [settings, setSettings] = useState(initialSettings)
  const { chat } = useFalChat<EndpointId>(toChatOptions(settings))

  return (
    <div className="screen">
      <Header chat={chat} settings={settings} onChange={setSettings} />
      <Conversation chat={chat} />
      <Composer chat={chat} settings={settings} onChange={setSettings} />
    </div>
  )
}
