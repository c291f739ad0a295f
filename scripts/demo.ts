// `pnpm demo`: the emulator and a chat, together, until Ctrl-C. Prints one line when both answer.

import { parseDemoArguments, usage } from './demo/parse-demo-arguments.ts'
import type { DemoOptions } from './demo/parse-demo-arguments.ts'
import { startDemo } from './demo/start-demo.ts'

/** Longest wait for the servers to close, milliseconds. */
const closingMs = 2_000
/** How often to look whether whoever started this is still there, milliseconds. */
const parentCheckMs = 500

const options = readOptions()
const parent = process.ppid
const demo = await startDemo(options).catch(leaveWith)

process.once('SIGINT', stop)
process.once('SIGTERM', stop)
process.once('SIGHUP', stop)
// A package manager that is killed takes no one with it: without this the servers would stay.
setInterval(() => process.ppid === parent || stop(), parentCheckMs).unref()

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
