import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { findStarters, isRunning } from './starters.ts'

test('names the parent first', () => {
  expect(findStarters()[0]).toBe(process.ppid)
  expect(findStarters().every(isRunning)).toBe(true)
})

test('tells a process that runs from one that has ended', async () => {
  const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'])
  await once(child, 'spawn')
  // A child that has spawned has an id.
  const pid = child.pid as number
  expect(isRunning(pid)).toBe(true)
  child.kill()
  await once(child, 'close')
  expect(isRunning(pid)).toBe(false)
})
