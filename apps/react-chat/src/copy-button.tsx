import { copyText } from '@fal-llm/app-shared/dom/copy-text'
import { useState } from 'react'
import { IconButton } from './icon-button.tsx'

/** How long the button shows that it worked, milliseconds. */
const shownMs = 1600

/** Copies a message as it was written, Markdown and all. */
export function CopyButton({ text }: { readonly text: string }) {
  const [isCopied, setIsCopied] = useState(false)

  async function copy() {
    setIsCopied(await copyText(text))
    setTimeout(() => setIsCopied(false), shownMs)
  }

  return <IconButton name="Copy" icon={isCopied ? 'done' : 'copy'} onClick={copy} />
}
