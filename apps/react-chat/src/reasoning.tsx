import { Markdown } from './markdown.tsx'

/** How the model came to its answer, folded away. */
export function Reasoning({ text, isLive }: { readonly text: string; readonly isLive: boolean }) {
  return (
    <details className="reasoning" data-live={isLive || undefined}>
      <summary>{isLive ? 'Thinking' : 'Reasoning'}</summary>
      <Markdown text={text} isLive={isLive} />
    </details>
  )
}
