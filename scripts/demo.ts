// `pnpm demo`: the emulator and a chat, together, until Ctrl-C. Prints one line when both answer.

import { parseDemoArguments, usage } from './demo/parse-demo-arguments.ts'
import type { DemoOptions } from './demo/parse-demo-arguments.ts'
import { startDemo } from './demo/start-demo.ts'
import { findStarters, isRunning } from './demo/starters.ts'

/** Longest wait for the servers to close, milliseconds. */
const closingMs = 2_000
/** How often to look whether those who started this are still there, milliseconds. */
const starterCheckMs = 500

const options = readOptions()
const starters = findStarters()
const demo = await startDemo(options).catch(leaveWith)

process.once('SIGINT', stop)
process.once('SIGTERM', stop)
process.once('SIGHUP', stop)
// npx that is killed leaves what it started behind; the servers must not stay.
setInterval(() => starters.every(isRunning) || stop(), starterCheckMs).unref()

console.log(`Chat: ${demo.chatUrl}`)
console.error(
  demo.emulatorUrl === undefined
    ? 'Answers come from fal and cost money. Ctrl-C stops.'
    : `Answers come from the emulator at ${demo.emulatorUrl}, no key needed. Ctrl-C stops.`,
)

function stop(): void {
  setTimeout(() => process.exit(0), closingMs).unref()
  void demo.close().finally(() => process.exit(0))
}

function readOptions(): DemoOptions {
  try {
    const parsed = parseDemoArguments(process.argv.slice(2), process.env)
    if (parsed !== 'help') return parsed
    console.log(usage)
    process.exit(0)
  } catch (error) {
    return leaveWith(error)
  }
}

function leaveWith(error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
