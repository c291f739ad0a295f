import type { Page } from 'playwright-core'

/** Lists what must not happen on a page while it is used: errors, and requests to anyone but this machine. */
export function watchPage(page: Page): readonly string[] {
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`page: ${error.message}`))
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const check = (address: string) => {
    const { protocol, hostname } = new URL(address)
    const isLocal = hostname === '127.0.0.1' || protocol === 'data:' || protocol === 'blob:'
    if (!isLocal) problems.push(`request: ${address}`)
  }
  page.on('request', (request) => check(request.url()))
  page.on('websocket', (socket) => check(socket.url()))
  return problems
}
