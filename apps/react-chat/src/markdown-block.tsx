import { patchHtml } from '@fal-llm/app-shared/markdown/patch-html'
import { memo, useLayoutEffect, useRef } from 'react'

/** A block of sanitised HTML. What did not change in it stays the same element, selection and focus included. */
export const MarkdownBlock = memo(function MarkdownBlock({ html }: { readonly html: string }) {
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (element.current) patchHtml(element.current, html)
  }, [html])
  return <div ref={element} />
})
