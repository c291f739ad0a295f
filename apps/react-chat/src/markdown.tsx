import { createMarkdownStream } from '@fal-llm/app-shared/markdown/markdown-stream'
import { memo, useState } from 'react'
import { MarkdownBlock } from './markdown-block.tsx'

interface MarkdownProps {
  readonly text: string
  /** More of it is to come. */
  readonly isLive: boolean
}

/** A growing Markdown text. Blocks that are finished are neither read nor rendered again. */
export const Markdown = memo(function Markdown({ text, isLive }: MarkdownProps) {
  // The stream only remembers: the same text gives the same blocks, in whatever order React asks.
  const [stream] = useState(() => createMarkdownStream())
  return (
    <div className="prose" data-live={isLive || undefined}>
      {stream.update(text, isLive).map(({ key, html }) => (
        <MarkdownBlock key={key} html={html} />
      ))}
    </div>
  )
})
