'use client'

import { Chat } from '../chat/chat'

export default function Page() {
  return <Chat name="__NAME__" />
}
