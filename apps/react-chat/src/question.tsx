import { focusComposer } from '@fal-llm/app-shared/dom/focus-composer'
import { toImages } from '@fal-llm/app-shared/llm/message-images'
import type { Turns } from '@fal-llm/app-shared/llm/turns'
import type { Chat, ChatMessage } from '@fal-llm/react'
import { useState } from 'react'
import { Branches } from './branches.tsx'
import { CopyButton } from './copy-button.tsx'
import { IconButton } from './icon-button.tsx'
import { QuestionEditor } from './question-editor.tsx'

interface QuestionProps {
  readonly chat: Chat
  readonly turns: Turns
  readonly message: ChatMessage
}

/** A question with its images, and how to edit it. */
export function Question({ chat, turns, message }: QuestionProps) {
  const [isEditing, setIsEditing] = useState(false)
  const { text } = message

  function leaveEditor() {
    setIsEditing(false)
    focusComposer()
  }

  return (
    <>
      <MessageImages message={message} />
      {isEditing ? (
        <QuestionEditor
          text={text}
          onCancel={leaveEditor}
          onSave={(edited) => {
            leaveEditor()
            turns.edit(message, edited)
          }}
        />
      ) : (
        <>
          {text && <p className="bubble">{text}</p>}
          <footer className="foot">
            <Branches chat={chat} message={message} />
            {text && <CopyButton text={text} />}
            <IconButton name="Edit" icon="edit" onClick={() => setIsEditing(true)} />
          </footer>
        </>
      )}
    </>
  )
}

function MessageImages({ message }: { readonly message: ChatMessage }) {
  const images = toImages(message)
  if (images.length === 0) return null
  return (
    <ul className="images" aria-label="Images">
      {images.map(({ url, source, name }) => (
        <li key={url}>
          <img src={source} alt={name} />
        </li>
      ))}
    </ul>
  )
}
