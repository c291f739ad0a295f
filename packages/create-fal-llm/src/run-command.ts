import { spawn } from 'node:child_process'

/** Runs a command in a folder and resolves with what it printed and whether it went well. Never rejects. */
export function runCommand(
  command: readonly [command: string, ...words: string[]],
  folder: string,
): Promise<{ readonly ok: boolean; readonly printed: string }> {
  const [program, ...words] = command
  return new Promise((resolve) => {
    // On Windows npm is a script, which only a shell starts. None of the words comes from outside.
    const child = spawn(program, words, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    let printed = ''
    const keep = (chunk: Buffer): void => void (printed += chunk)
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ ok: false, printed: error.message }))
    child.on('close', (code) => resolve({ ok: code === 0, printed }))
  })
}
