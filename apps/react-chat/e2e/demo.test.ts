import { once } from 'node:events'
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

test('answers a wrong flag with how it is called', async () => {
  const { code, stderr } = await runDemoToEnd(['--lvie'])
  expect(code).toBe(1)
  expect(stderr).toContain("Unknown option '--lvie'")
  expect(stderr).toContain('Usage: demo [react|vue|svelte]')
})
