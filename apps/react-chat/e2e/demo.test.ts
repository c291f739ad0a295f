import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { runDemo, runDemoToEnd } from '@fal-llm/app-shared/e2e/run-demo'
import { expect, onTestFinished, test } from 'vitest'

/** Holds a port of 127.0.0.1 until the test has ended; passes when somebody else has it already. */
async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  onTestFinished(() => void server.close())
  await Promise.race([once(server, 'listening'), once(server, 'error')])
}

test('takes other ports when its own are taken, and says only where the chat is', async () => {
  await Promise.all([occupy(5173), occupy(8787)])
  const demo = await runDemo([])
  onTestFinished(() => void demo.stop())
  expect((await fetch(demo.chatUrl)).status).toBe(200)
  expect(demo.lines).toEqual([expect.stringMatching(/^Chat: http:\/\/127\.0\.0\.1:\d+\/$/)])
  expect(new URL(demo.chatUrl).port).not.toBe('5173')
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it at once and frees the port',
  async (signal) => {
    const demo = await runDemo(['--port', '0', '--emulator-port', '0'])
    const stopping = performance.now()
    // Vite answers SIGTERM with the code of a terminated process, and may be the first.
    expect([0, 143]).toContain(await demo.stop(signal))
    expect(performance.now() - stopping).toBeLessThan(3_000)
    await expect(fetch(demo.chatUrl)).rejects.toThrow('fetch failed')
  },
)

test('refuses --live without a key, in one sentence', async () => {
  const { code, stdout, stderr } = await runDemoToEnd(['--live'])
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr.trim()).toBe(
    '--live needs a fal key: set FAL_KEY to "key_id:secret", or leave --live out to use the emulator.',
  )
})

test('--live keeps the key on the server', async () => {
  const demo = await runDemo(['--live', '--port', '0'], { FAL_KEY: 'secret-id:secret-key' })
  onTestFinished(() => void demo.stop())
  const pages = [
    '',
    'src/main.tsx',
    'src/app.tsx',
    'src/empty-state.tsx',
    '@vite/client',
    '@vite/env',
  ]
  for (const path of pages) {
    const answer = await fetch(new URL(path, demo.chatUrl))
    expect(await answer.text()).not.toContain('secret-')
  }
})

test('--all shows the three beside each other, each whole', async () => {
  const demo = await runDemo(['--all', '--port', '0', '--emulator-port', '0', '--no-watch'])
  onTestFinished(() => void demo.stop())
  const page = await (await fetch(demo.chatUrl)).text()
  const panes = [...page.matchAll(/<iframe title="(\w+)" src="([^"]+)"/g)]
  expect(panes.map(([, title]) => title)).toEqual(['react', 'vue', 'svelte'])
  const addresses = panes.map(([, , address = '']) => address)
  expect(new Set(addresses).size).toBe(3)
  for (const address of addresses) {
    const app = await fetch(address, { headers: { accept: 'text/html' } })
    expect(await app.text()).toContain('id="app"')
  }
})

test('--live --proxy goes through a proxy that runs already, and needs no key', async () => {
  const asked: unknown[] = []
  const proxy = createHttpServer((request, response) => {
    asked.push([request.method, request.url, request.headers['x-fal-target-url']])
    response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  const address = proxy.address()
  if (typeof address !== 'object' || !address) throw new Error('The proxy has no address')
  const url = `http://127.0.0.1:${address.port}/the/proxy`
  const demo = await runDemo(['svelte', '--live', '--proxy', url, '--port', '0', '--no-watch'])
  onTestFinished(() => void demo.stop())
  const target = 'https://fal.run/openrouter/router'
  await fetch(new URL('/api/fal/proxy', demo.chatUrl), {
    method: 'POST',
    headers: { 'x-fal-target-url': target, 'content-type': 'application/json' },
    body: '{}',
  })
  expect(asked).toEqual([['POST', '/the/proxy', target]])
})

test('answers a wrong flag with how it is called', async () => {
  const { code, stderr } = await runDemoToEnd(['--lvie'])
  expect(code).toBe(1)
  expect(stderr).toContain("Unknown option '--lvie'")
  expect(stderr).toContain('Usage: demo [react|vue|svelte]')
})
