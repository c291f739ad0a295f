/** What a person sees of a chat; of a completion, `status`, `alert` and `text`. */
export interface Painted {
  readonly status: string | undefined
  /** The code of the error that is shown. */
  readonly alert: string | undefined
  /** A completion's text. */
  readonly text: string
  readonly texts: readonly string[]
  /** The statuses of the messages. */
  readonly endings: readonly (string | undefined)[]
  /** The texts of the sends that wait. */
  readonly queued: readonly string[]
  /** Their ids. */
  readonly queuedIds: readonly string[]
  readonly paused: boolean
  readonly storage: string | undefined
  readonly title: string | undefined
  /** How often the component's effect has set state. */
  readonly effects: number
}

/** Reads the page, which is written as `driver.ts` describes. */
export function readPainted(container: Element): Painted {
  const section = container.querySelector('section')
  const rows = rowsOf(container)
  const waiting = Array.from(container.querySelectorAll<HTMLElement>('section > li'))
  return {
    status: section?.dataset['status'],
    alert: container.querySelector('[role=alert]')?.textContent ?? undefined,
    text: section?.querySelector('[role=alert]') ? '' : (section?.textContent ?? ''),
    texts: rows.map((row) => row.textContent ?? ''),
    endings: rows.map((row) => row.dataset['status']),
    queued: waiting.map((item) => item.textContent ?? ''),
    queuedIds: waiting.map(({ dataset }) => dataset['id'] ?? ''),
    paused: section?.dataset['paused'] === 'true',
    storage: section?.dataset['storage'],
    title: section?.dataset['title'],
    effects: Number(container.querySelector('output')?.textContent),
  }
}

/** The rows of the messages, oldest first. */
export function rowsOf(container: Element): readonly HTMLElement[] {
  return Array.from(container.querySelectorAll<HTMLElement>('section > p'))
}
