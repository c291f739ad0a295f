import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import type { RunningEmulator } from '@fal-llm/emulator'
import { build } from 'vite'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createLiveFal } from './live-fal.ts'
import { createProject, startVite, toConfig } from '../test/start-vite.ts'

const key = '0a1b2c3d-known-fake-key:f00dfacef00dfacef00dface'
const route = '/api/fal/proxy'

beforeEach(() => {
  for (const name of ['FAL_KEY', 'FAL_KEY_ID', 'FAL_KEY_SECRET', 'FAL_BASE_URL']) {
    vi.stubEnv(name, undefined)
  }
  return () => vi.unstubAllEnvs()
})

/** Stands for fal, and lets nothing but the key in. */
async function startFal(): Promise<RunningEmulator> {
  const fal = await startEmulator({ keys: [key] })
  onTestFinished(() => fal.close())
  return fal
}

const ask = (url: string): PromiseLike<{ readonly text: string }> =>
  createFalLlm({ proxyUrl: url + route }).generate({
    model: 'google/gemini-2.5-flash',
    prompt: '/echo paid',
  })

const post = (url: string, headers: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(url + route, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-fal-target-url': 'https://fal.run/openrouter/router',
      ...headers,
    },
    body: JSON.stringify({ model: 'google/gemini-2.5-flash', prompt: 'Hi' }),
  })

describe('a key', () => {
  it('comes from the environment', async () => {
    const fal = await startFal()
    vi.stubEnv('FAL_KEY', key)
    vi.stubEnv('FAL_BASE_URL', fal.url)
    const { url, lines } = await startVite()
    expect((await ask(url)).text).toBe('paid')
    expect(fal.requests.length).toBe(1)
    expect(lines.filter((line) => line.startsWith('fal-llm'))).toEqual([])
  })

  it.each([
    ['.env', `FAL_KEY=${key}`, undefined],
    ['.env.development', `FAL_KEY=${key}`, undefined],
    [
      '.env.local',
      `FAL_KEY_ID=${key.split(':')[0]}\nFAL_KEY_SECRET=${key.split(':')[1]}`,
      undefined,
    ],
    ['settings/.env', `FAL_KEY=${key}`, 'settings'],
  ])('comes from %s', async (name, text, envDir) => {
    const fal = await startFal()
    vi.stubEnv('FAL_BASE_URL', fal.url)
    const root = await createProject({ [name]: text })
    const { url } = await startVite({ root, ...(envDir !== undefined && { envDir }) })
    expect((await ask(url)).text).toBe('paid')
  })

  it('rule 12: is in nothing that Vite serves or builds', async () => {
    const root = await createProject({
      '.env': `FAL_KEY=${key}\nVITE_SHOWN=shown`,
      'index.html': '<script type="module" src="/main.js"></script>',
      'main.js':
        'console.log(import.meta.env, import.meta.env.FAL_KEY, import.meta.env.VITE_SHOWN)',
    })
    const { url, server } = await startVite({ root })
    const paths = [
      '/',
      '/main.js',
      '/@vite/client',
      '/@vite/env',
      '/node_modules/vite/dist/client/env.mjs',
    ]
    const served = await Promise.all(paths.map(async (path) => (await fetch(url + path)).text()))
    await build({ ...toConfig(root), logLevel: 'silent' })
    const files = await readdir(join(root, 'dist'), { recursive: true, withFileTypes: true })
    const built = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    )
    const all = [
      ...served,
      ...built,
      JSON.stringify(server.config.define),
      JSON.stringify(server.config.env),
    ].join('\n')
    expect(all).toContain('shown')
    for (const part of key.split(':')) expect(all).not.toContain(part)
  })

  it('is in no line that is printed when fal cannot be reached', async () => {
    const fal = await startEmulator()
    await fal.close()
    vi.stubEnv('FAL_KEY', key)
    vi.stubEnv('FAL_BASE_URL', fal.url)
    const { url, lines } = await startVite()
    expect((await post(url, {})).status).toBe(503)
    expect(lines.join('\n')).toMatch(/^fal-llm: fal: /m)
    for (const part of key.split(':')) expect(lines.join('\n')).not.toContain(part)
  })
})

describe('with a key', () => {
  it.each([
    ['a page of another origin', 'http://evil.example', 403],
    ['a page of another port', 'http://127.0.0.1:1', 403],
    ['a page without an origin', 'null', 403],
    ['its own page', undefined, 200],
    ['its own page behind something that speaks TLS', 'https:', 200],
  ])('%s gets %s: %i', async (_name, origin, status) => {
    const fal = await startFal()
    vi.stubEnv('FAL_KEY', key)
    vi.stubEnv('FAL_BASE_URL', fal.url)
    const { url } = await startVite()
    const sent = origin === 'https:' ? url.replace('http:', origin) : (origin ?? url)
    expect((await post(url, { origin: sent })).status).toBe(status)
    expect(fal.requests.length).toBe(status === 200 ? 1 : 0)
  })

  it('an emulator elsewhere is asked as often as one likes', async () => {
    const fal = await startFal()
    vi.stubEnv('FAL_KEY', key)
    vi.stubEnv('FAL_BASE_URL', fal.url)
    const { url } = await startVite()
    const answers = await Promise.all(Array.from({ length: 61 }, () => post(url, {})))
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
  })

  it.each([
    [true, 1],
    ['0.0.0.0', 1],
    ['127.0.0.1', 0],
    ['localhost', 0],
    [false, 0],
  ])('--host %s warns %i times that others can spend', async (host, times) => {
    vi.stubEnv('FAL_KEY', key)
    const { lines } = await startVite({ server: { host } })
    expect(lines.filter((line) => line.includes('--host'))).toHaveLength(times)
  })

  it('an address for fal that is none is refused at the start', async () => {
    vi.stubEnv('FAL_KEY', key)
    vi.stubEnv('FAL_BASE_URL', 'http://192.168.1.5:8787')
    await expect(startVite()).rejects.toThrow('baseUrl must be an https URL')
  })
})

describe('a name that a page lets lead to this machine', () => {
  const lead = async (host: string, allowedHosts: true | readonly string[] = []) => {
    const fal = await startFal()
    const proxy = createLiveFal({ key, baseUrl: fal.url, isLive: true }, allowedHosts, () => {})
    const { status } = await proxy(
      new Request(`http://${host}${route}`, {
        method: 'POST',
        headers: {
          origin: `http://${host}`,
          'content-type': 'application/json',
          'x-fal-target-url': 'https://fal.run/openrouter/router',
        },
        body: JSON.stringify({ model: 'google/gemini-2.5-flash', prompt: 'Hi' }),
      }),
    )
    return { status, asked: fal.requests.length }
  }

  it.each([
    ['evil.example:5173', []],
    ['notlocalhost:5173', []],
    ['notexample.com', ['example.com', '.example.com']],
  ])('is none of the server’s own: %s beside %j', async (host, allowed) => {
    expect(await lead(host, allowed)).toEqual({ status: 403, asked: 0 })
  })

  it.each([
    ['localhost:5173', []],
    ['app.localhost:5173', []],
    ['192.168.1.5:5173', []],
    ['[::1]:5173', []],
    ['example.com', ['example.com']],
    ['tunnel.example.com', ['.example.com']],
    ['anything.example', true],
  ] as const)('is told from a name of the server’s own: %s with %j', async (host, allowed) => {
    expect(await lead(host, allowed)).toEqual({ status: 200, asked: 1 })
  })
})

it('without a key, --host warns of nothing', async () => {
  const { lines } = await startVite({ server: { host: true } })
  expect(lines.filter((line) => line.includes('--host'))).toEqual([])
})
