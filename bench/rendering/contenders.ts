/** A page, and how it is opened. */
export interface PageContender {
  /** The script in `page/`. */
  readonly page: string
  readonly query?: string
  /** How much slower than this machine. Default 1. */
  readonly slowdown?: number
  /** Measured once, after the rounds. */
  readonly once?: boolean
  /** Where a shorter answer says enough: how long it is at most. */
  readonly tokens?: number
}

export type ContenderName =
  | `React: ${'ours' | 'ours, flush 50' | 'floor' | 'TanStack'}`
  | `React: ai, ${'as documented' | 'memoised' | 'memoised, slow' | 'throttle 50'}`
  | `Svelte: ${'ours' | 'ai'}`
  | `Vue: ${'ours' | 'ai'}`
  | 'Markdown'
  | 'Markdown, slow'
  | 'idle'

// Frames are counted by the second, and nobody is measured against a whole answer here.
const slowTokens = 2_500

/** All that is measured. */
export const contenders: Readonly<Record<ContenderName, PageContender>> = {
  'React: ours': { page: 'react-ours' },
  'React: ours, flush 50': { page: 'react-ours', query: 'flush=50' },
  'React: ai, memoised': { page: 'react-ai', query: 'memoised' },
  'React: ai, throttle 50': { page: 'react-ai', query: 'memoised&throttle=50' },
  'React: floor': { page: 'floor' },
  'Svelte: ours': { page: 'svelte-ours' },
  'Svelte: ai': { page: 'svelte-ai' },
  'Vue: ours': { page: 'vue-ours' },
  'Vue: ai': { page: 'vue-ai' },
  Markdown: { page: 'react-markdown' },
  // Costs the same in every second: three of them say enough.
  idle: { page: 'floor', query: 'idle', tokens: 1_500 },
  // Nothing is held against these, and they take long.
  'React: ai, as documented': { page: 'react-ai', once: true },
  'React: TanStack': { page: 'react-tanstack', once: true },
  'Markdown, slow': { page: 'react-markdown', slowdown: 4, once: true, tokens: slowTokens },
  'React: ai, memoised, slow': {
    page: 'react-ai',
    query: 'memoised',
    slowdown: 4,
    once: true,
    tokens: slowTokens,
  },
}
