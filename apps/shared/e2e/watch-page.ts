import type { Page } from 'playwright-core'

/** What a page may do, besides talking to itself. */
export interface PageRules {
  /** Origins it may send requests to. */
  readonly origins: readonly (string | undefined)[]
  /** Complaints of the browser that belong to what is tested. */
  readonly isExpected: (complaint: string) => boolean
}

/** Lists what must not happen on a page while it is used: errors, warnings, and requests to anyone else. */
export function watchPage(page: Page, { origins, isExpected }: PageRules): readonly string[] {
  const problems: string[] = []
  page.on('console', (message) => {
    const isComplaint = ['error', 'warning'].includes(message.type())
    if (isComplaint && !isExpected(message.text())) problems.push(`console: ${message.text()}`)
  })
  // Rejections nobody handles are among them.
  page.on('pageerror', (error) => problems.push(`page: ${error.message}`))
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const check = (address: string) => {
    const { protocol, host } = new URL(address)
    const hosts = origins.flatMap((origin) => (origin ? [new URL(origin).host] : []))
    const isOwn = protocol === 'data:' || protocol === 'blob:' || hosts.includes(host)
    if (!isOwn) problems.push(`request: ${address}`)
  }
  page.on('request', (request) => check(request.url()))
  page.on('websocket', (socket) => check(socket.url()))
  return problems
}
