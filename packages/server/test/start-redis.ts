import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'

/** Whether Debian's redis-server is installed here; a test that needs it has that in its name. */
export const hasRedis: boolean = isInstalled()

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Starts a Redis of its own until the test is over; resolves with the path of its socket. */
export async function startRedis(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fal-llm-redis-'))
  const path = join(folder, 'redis.sock')
  const flags = ['--port', '0', '--unixsocket', path, '--save', '', '--dir', folder]
  const server = spawn('redis-server', flags, { stdio: 'ignore' })
  onTestFinished(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill()
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  await vi.waitFor(() => reach(path), { timeout: 10_000, interval: 50 })
  return path
}

function reach(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
  })
}
