import { defineCommand } from 'citty'
import type { CommandDef } from 'citty'
import { flags, readFlags } from './flags.ts'
import { startEmulator } from './serve.ts'

/** `fal-emulator`: listens until it is stopped. */
export const serveCommand: CommandDef<typeof flags> = defineCommand({
  meta: { name: 'fal-emulator', description: 'fal on your own machine: no key, no network.' },
  args: flags,
  async run({ args }) {
    try {
      const emulator = await startEmulator(readFlags(args))
      console.log(`fal-emulator listening on ${emulator.url}`)
      console.log(explainUse(emulator.url))
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => void emulator.close().then(() => process.exit(0)))
      }
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
      process.exitCode = 1
    }
  },
})

function explainUse(url: string): string {
  return `
Point a client at it:
  export FAL_BASE_URL=${url} FAL_KEY=emulator:any

or ask by hand:
  curl ${url}/fal.run/fal-ai/any-llm/stream -H "authorization: Key emulator:any" \\
    -H "content-type: application/json" -d '{"prompt": "/help"}'

Ctrl-C stops it.`
}
