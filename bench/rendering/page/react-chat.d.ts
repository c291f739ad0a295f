// The demo's own component. Named in the bundler's settings, not imported by its path: this package has no JSX.
declare module 'react-chat/markdown' {
  import type { ComponentType } from 'react'

  export const Markdown: ComponentType<{ readonly text: string; readonly isLive: boolean }>
}
