import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFalLlm } from '@fal-llm/core'
import type { FalLlm } from '@fal-llm/core'
import { build, createServer, preview } from 'vite'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { collectLines, createProject, startVite, toConfig, urlOf } from '../test/start-vite.ts'

const model = 'google/gemini-2.5-flash'
const route = '/api/fal/proxy'
const notice = 'fal-llm: no FAL_KEY, answers come from the emulator'

beforeEach(() => {
  for (const name of ['FAL_KEY', 'FAL_KEY_ID', 'FAL_KEY_SECRET', 'FAL_BASE_URL']) {
    vi.stubEnv(name, undefined)
  }
  return () => vi.unstubAllEnvs()
})

const clientOf = (url: string, path = route): FalLlm => createFalLlm({ proxyUrl: url + path })

async function streamWords(llm: FalLlm): Promise<readonly string[]> {
  const words: string[] = []
  for await (const piece of llm.generate({ model, prompt: '/echo one two three' }).textStream) {
    words.push(piece)
  }
  expect(words.join('')).toBe('one two three')
  return words
}

const read = async (url: string): Promise<string> => (await fetch(url)).text()

describe('without a key', () => {
  it('words stream from the emulator, and one line says so', async () => {
    const { url, lines } = await startVite()
    expect((await streamWords(clientOf(url))).length).toBeGreaterThan(1)
    expect(lines.filter((line) => line.startsWith('fal-llm'))).toEqual([notice])
  })

  it('a file is uploaded to the same server and read from there, where it can run nothing', async () => {
    const { url } = await startVite()
    const file = new File(['<script>alert(1)</script>'], 'a page.html', { type: 'text/html' })
    const address = await clientOf(url).upload(file)
    expect(address).toMatch(new RegExp(`^${url}${route}/v3\\.fal\\.media/files/`))
    const answer = await fetch(address)
    expect(await answer.text()).toBe('<script>alert(1)</script>')
    expect(answer.headers.get('content-security-policy')).toBe('sandbox')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('an uploaded picture can be asked about', async () => {
    const { url } = await startVite()
    const images = [new File([new Uint8Array([1, 2, 3])], 'a.png', { type: 'image/png' })]
    const request = {
      endpoint: 'openrouter/router/vision',
      model,
      prompt: '/echo seen',
      images,
    } as const
    expect((await clientOf(url).generate(request)).text).toBe('seen')
  })

  it('behind something that speaks TLS for the server, files are handed out by https', async () => {
    const { url } = await startVite()
    const asked = await fetch(url + route, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: url.replace('http:', 'https:'),
        'x-fal-target-url': 'https://rest.fal.ai/storage/upload/initiate',
      },
      body: JSON.stringify({ file_name: 'a.txt', content_type: 'text/plain' }),
    })
    expect(await asked.json()).toMatchObject({
      upload_url: expect.stringContaining(`https://${new URL(url).host}${route}/v3.fal.media/`),
    })
  })

  it('nothing else lies below the route', async () => {
    const { url } = await startVite()
    const answer = await fetch(`${url}${route}/queue.fal.run/openrouter/router`, { method: 'POST' })
    expect(answer.status).toBe(404)
  })

  it('what the proxy refuses in production is refused here: a webhook of the caller’s choosing', async () => {
    const { url } = await startVite()
    const answer = await fetch(url + route, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-fal-target-url':
          'https://queue.fal.run/openrouter/router?fal_webhook=https://evil.example',
      },
      body: '{}',
    })
    expect(answer.status).toBe(403)
  })
})

describe('a job of the queue', () => {
  const submit = { model, prompt: '/echo kept' } as const
  const endpoint = 'openrouter/router'

  it('survives a restart of the dev server', async () => {
    const { server, url } = await startVite()
    const { requestId } = await clientOf(url).submit(submit)
    await server.restart()
    const again = clientOf(urlOf(server))
    expect((await again.attach({ endpoint, requestId })).text).toBe('kept')
  })

  it('survives that a restart loads the plugin anew, and is of its own project only', async () => {
    const root = await createProject()
    const { url } = await startVite({ root })
    const { requestId } = await clientOf(url).submit(submit)
    vi.resetModules()
    const { falLlm } = await import('./index.ts')
    const { url: second } = await startVite({ root, plugins: [falLlm()] })
    expect((await clientOf(second).attach({ endpoint, requestId })).text).toBe('kept')
    const { url: other } = await startVite({ plugins: [falLlm()] })
    await expect(clientOf(other).attach({ endpoint, requestId })).rejects.toThrow('knows no job')
  })
})

describe('the route', () => {
  it.each([route, `/app${route}`])('answers at %s when base is /app/', async (path) => {
    const { url } = await startVite({ base: '/app/' })
    await streamWords(clientOf(url, path))
    const address = await clientOf(url, path).upload(new Blob(['below']))
    expect(address).toMatch(new RegExp(`^${url}${path}/v3\\.fal\\.media/`))
    expect(await read(address)).toBe('below')
  })

  it('is mounted with its path by the hook itself, and needs no server of Vite’s own', async () => {
    const vite = await createServer({
      ...toConfig(await createProject()),
      logLevel: 'silent',
      server: { middlewareMode: true, ws: false },
    })
    onTestFinished(() => vite.close())
    expect(vite.httpServer).toBeNull()
    // Nuxt and Nitro hand Vite only what lies below such a path.
    const mounted = vite.middlewares.stack.map((layer) => layer.route)
    expect(mounted.indexOf(route)).toBeGreaterThanOrEqual(0)
    const server = createHttpServer(vite.middlewares).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    // A server that listens on a port has an address with one.
    const { port } = server.address() as AddressInfo
    await streamWords(clientOf(`http://127.0.0.1:${port}`))
  })

  it('leaves the pages of the project alone', async () => {
    const { url } = await startVite()
    expect(await read(`${url}/`)).toContain('<p>Hello')
  })

  it('is there in preview', async () => {
    const root = await createProject({ 'dist/index.html': '<p>Built' })
    const { lines, customLogger } = collectLines()
    const server = await preview({
      ...toConfig(root),
      customLogger,
      preview: { host: '127.0.0.1', port: 0 },
    })
    onTestFinished(() => server.close())
    const url = urlOf(server)
    expect(await read(`${url}/`)).toContain('<p>Built')
    expect((await streamWords(clientOf(url))).length).toBeGreaterThan(1)
    expect(lines).toContain(notice)
  })
})

it('a build says in one line that it has no proxy, and where the recipe is', async () => {
  const { lines, customLogger } = collectLines()
  const root = await createProject()
  await build({ ...toConfig(root), customLogger, logLevel: 'warn' })
  const [said, ...more] = lines.filter((line) => line.startsWith('fal-llm'))
  expect(said).toMatch(
    /^fal-llm: a build has no proxy; .*https:\/\/github\.com\/fal-llm\/fal-llm\//,
  )
  expect(said).not.toContain('\n')
  expect(more).toEqual([])
})
