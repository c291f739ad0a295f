import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// React's production build tells its developer tools of each commit; nothing else does.
const shellOf = (page: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${page}</title>
<link rel="icon" href="data:,">
<style>
  body { margin: 0; font: 16px/1.5 sans-serif }
  #scroller { height: 100vh; overflow-y: auto }
  #list { max-width: 45rem; margin: 0 auto; padding: 1rem }
  .row { padding: 0.75rem 1rem }
  .row > p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
  .user { background: #eee }
  pre { overflow-x: auto }
</style>
<main id="scroller"><div id="list"></div></main>
<script>
  commits = 0
  __REACT_DEVTOOLS_GLOBAL_HOOK__ = {
    supportsFiber: true,
    inject() { return 1 },
    checkDCE() {},
    onCommitFiberRoot() { commits++ },
    onPostCommitFiberRoot() {},
    onCommitFiberUnmount() {},
  }
</script>
<script type="module" src="/${page}.js"></script>
</html>`

/** Pages that answer at `origin` until they are closed. */
export interface ServedPages {
  readonly origin: string
  close(): void
}

/** Serves each script, and at `/<page>` a shell that loads it. */
export async function servePages(scripts: ReadonlyMap<string, string>): Promise<ServedPages> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const name = pathname.slice(1)
    const script = scripts.get(name)
    const type = script === undefined ? 'text/html' : 'text/javascript'
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` })
    response.end(script ?? shellOf(name))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A listening server on a port has an address.
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
