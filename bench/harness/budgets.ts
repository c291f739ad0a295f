/** What a page may carry of ours, KiB, before anything has happened. */
export interface Budget {
  readonly work: string
  readonly code: string
  readonly kib: number
  /** Ours against theirs, where a peer does the same. */
  readonly against?: Readonly<Record<string, number>>
  /** Packages left outside, besides the frameworks. */
  readonly outside?: RegExp
}

const core = /^@fal-llm\/core(\/|$)/
const chat = (name: string, hook: string): readonly Budget[] => [
  {
    work: `${name}: ${hook} and all it needs`,
    code: `export { ${hook} } from '@fal-llm/${name}'`,
    kib: 12,
    against: { 'ai 6 useChat': 0.22, 'TanStack useChat': 0.27 },
  },
  {
    work: `${name}: the binding alone, every hook`,
    code: `export * from '@fal-llm/${name}'`,
    kib: 1.2,
    outside: core,
  },
]

/** The budgets, checked by `pnpm size` and compared with the peers in table D. */
export const budgets: readonly Budget[] = [
  ...chat('react', 'useFalChat'),
  ...chat('vue', 'useFalChat'),
  ...chat('svelte', 'createFalChat'),
  {
    work: '`generate` alone',
    code: `export { createFalLlm } from '@fal-llm/core'`,
    kib: 8,
    against: { 'fal-js': 0.4 },
  },
  {
    work: '`endpoints`: all schemas and catalogues',
    code: `export * from '@fal-llm/core/endpoints'`,
    kib: 5,
  },
]
