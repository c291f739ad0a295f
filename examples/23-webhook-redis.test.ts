import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import { deliver, startDeliveries } from './deliver-webhooks.ts'
import type { Delivery } from './deliver-webhooks.ts'

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
const it23 = it.skipIf(!hasRedis)
const where = hasRedis ? '' : ' (skipped: redis-server is not installed)'

/** Starts a Redis of this test's own, behind a socket in a new folder; resolves with the socket's path. */
async function startRedis(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fal-llm-redis-'))
  const socket = join(folder, 'redis.sock')
  const settings = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', [...settings, '--dir', folder], { stdio: 'pipe' })
  const ended = new Promise((resolve) => server.on('exit', resolve))
  onTestFinished(async () => {
    server.kill()
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  await untilPrinted(server, /ready to accept connections/i)
  return socket
}

/** Starts the example in a process of its own. */
async function startMachine(redisUrl: string, jwksUrl: string) {
  const flags = ['--conditions=@fal-llm/source', '--import', 'tsx', '23-webhook-redis.ts']
  const environment = { REDIS_URL: redisUrl, FAL_JWKS_URL: jwksUrl, FAL_USER_ID: 'emulator' }
  const machine = spawn(process.execPath, flags, {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], PORT: '0', ...environment },
    stdio: 'pipe',
  })
  const ended = new Promise<number | null>((resolve) => machine.on('exit', resolve))
  onTestFinished(async () => {
    machine.kill('SIGKILL')
    await ended
  })
  const [url] = await untilPrinted(machine, /http:\S+/)
  return { url: url ?? '', stop: () => machine.kill('SIGTERM'), ended }
}

function untilPrinted(program: ChildProcess, what: RegExp): Promise<RegExpExecArray> {
  let printed = ''
  return new Promise((resolve, reject) => {
    const read = (piece: unknown): void => {
      printed += String(piece)
      const found = what.exec(printed)
      if (found) resolve(found)
    }
    program.stdout?.on('data', read)
    program.stderr?.on('data', read)
    program.on('exit', () => reject(new Error(`It ended without ${what}: ${printed}`)))
  })
}

it23(
  `23-webhook-redis: two processes over one Redis do the work of each event once${where}`,
  async () => {
    const socket = await startRedis()
    const fal = await startDeliveries()
    const redis = new Redis(socket)
    onTestFinished(async () => {
      redis.disconnect()
      await fal.close()
    })
    const machines = await Promise.all([
      startMachine(socket, fal.jwksUrl),
      startMachine(socket, fal.jwksUrl),
    ])
    const deliveries: Delivery[] = []
    for (let i = 0; i < 20; i++) deliveries.push(await fal.next())

    const statuses = await Promise.all(
      deliveries.flatMap((delivery) =>
        [...machines, ...machines, ...machines].map(({ url }) => deliver(url, delivery)),
      ),
    )
    const answers = await redis.lrange('answers', 0, -1)
    const worked = answers.map((answer) => (JSON.parse(answer) as { requestId: string }).requestId)
    expect(worked.toSorted()).toEqual(deliveries.map(({ requestId }) => requestId).toSorted())
    // Who came while the other machine was at work is asked to come again, and then hears that it is done.
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([])
    for (const { url } of machines) {
      for (const delivery of deliveries) expect(await deliver(url, delivery)).toBe(200)
    }
    expect(await redis.llen('answers')).toBe(20)
    for (const { stop } of machines) stop()
    expect(await Promise.all(machines.map(({ ended }) => ended))).toEqual([0, 0])
  },
)

it23(`23-webhook-redis: a claim ends by itself, and nobody ends another's${where}`, async () => {
  const socket = await startRedis()
  vi.stubEnv('REDIS_URL', socket)
  vi.stubEnv('FAL_USER_ID', 'emulator')
  vi.stubEnv('PORT', '0')
  const listening = vi.spyOn(console, 'log').mockImplementation(() => {})
  const { claims, redis, server } = await import('./23-webhook-redis.ts')
  onTestFinished(async () => {
    server.close()
    redis.disconnect()
    listening.mockRestore()
    vi.unstubAllEnvs()
  })
  const key = 'fal:webhook:R1'
  expect(await claims.claim('R1', 'a')).toBe('claimed')
  expect(await claims.claim('R1', 'b')).toBe('busy')
  expect(await redis.ttl(key)).toBeGreaterThan(100)
  // The machine of `a` stops for so long that its claim ends.
  await redis.pexpire(key, 0)
  expect(await claims.claim('R1', 'b')).toBe('claimed')
  await claims.release('R1', 'a')
  expect(await claims.claim('R1', 'c')).toBe('busy')
  await claims.release('R1', 'b')
  expect(await claims.claim('R1', 'c')).toBe('claimed')
  await claims.complete('R1', 'c')
  expect(await claims.claim('R1', 'd')).toBe('done')
  expect(await redis.ttl(key)).toBeGreaterThan(6 * 24 * 3600)
})
