import { readFileSync } from 'node:fs'

/** A package manager, or the shell it starts a script with. */
const starter = /\b(?:npm|npx|pnpm|tsx)\b/

/**
 * The processes that started this one on somebody's behalf: npx, pnpm, tsx and the shells between them,
 * nearest first. When one of them is killed the others are not told, so whoever stays has to look.
 * Beyond the parent they are known on Linux only.
 */
export function findStarters(): readonly number[] {
  const found = [process.ppid]
  for (;;) {
    const next = parentOf(found.at(-1))
    if (next === undefined || !starter.test(read(next, 'cmdline'))) return found
    found.push(next)
  }
}

/** Whether a process still runs. Never throws. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function parentOf(pid: number | undefined): number | undefined {
  const parent = Number(/^PPid:\s*(\d+)$/m.exec(read(pid, 'status'))?.[1])
  return parent > 1 ? parent : undefined
}

function read(pid: number | undefined, file: 'cmdline' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
