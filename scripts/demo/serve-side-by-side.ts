import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A page with others in it. */
export interface SideBySide {
  readonly url: string
  close(): Promise<void>
}

/** Serves one page that shows several beside each other, on 127.0.0.1; each scrolls on its own. */
export async function serveSideBySide(
  panes: readonly { readonly title: string; readonly url: string }[],
  port: number,
): Promise<SideBySide> {
  const page = pageOf(panes)
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a port has an address of this kind.
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${taken}/`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function pageOf(panes: readonly { readonly title: string; readonly url: string }[]): string {
  const frames = panes.map(
    ({ title, url }) =>
      `<iframe title="${title}" src="${url}" allow="clipboard-read; clipboard-write"></iframe>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>fal-llm: ${panes.map(({ title }) => title).join(', ')}</title>
<style>
  body { margin: 0; display: grid; grid-auto-flow: column; grid-auto-columns: minmax(360px, 1fr); gap: 1px; height: 100dvh; background: GrayText; overflow-x: auto }
  iframe { border: 0; width: 100%; height: 100% }
</style>
${frames.join('\n')}
</html>
`
}
