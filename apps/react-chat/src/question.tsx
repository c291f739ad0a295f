import type { Chat, ChatMessage } from '@fal-llm/react'
import { useState } from 'react'
import { Branches } from './branches.tsx'
import { CopyButton } from './copy-button.tsx'
import { IconButton } from './icon-button.tsx'
import { QuestionEditor } from './question-editor.tsx'

interface QuestionProps {
  readonly chat: Chat
  readonly message: ChatMessage
}

/** What the user said, as it was typed, and how to say it differently. */
export function Question({ chat, message }: QuestionProps) {
  const [isEditing, setIsEditing] = useState(false)

  if (isEditing) {
    return (
      <QuestionEditor
        text={message.text}
        onCancel={() => setIsEditing(false)}
        onSave={(text) => {
          setIsEditing(false)
          void chat.edit(message.id, text)
        }}
      />
    )
  }
  return (
    <>
      <p className="bubble">{message.text}</p>
      <footer className="foot">
        <Branches chat={chat} message={message} />
        <CopyButton text={message.text} />
        <IconButton name="Edit" icon="edit" onClick={() => setIsEditing(true)} />
      </footer>
    </>
  )
}
