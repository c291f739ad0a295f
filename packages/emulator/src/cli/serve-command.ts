import { appendFileSync, readFileSync } from 'node:fs'
import { defineCommand } from 'citty'
import type { CommandDef } from 'citty'
import type { RecordedExchange } from '../options.ts'
import { startEmulator } from '../serve.ts'
import { flags, number, readFlags, text, toNumber } from './flags.ts'
import type { Flags, TextFlagDefinition } from './flags.ts'

const serveFlags: Flags &
  Record<'port', ReturnType<typeof number>> &
  Record<'record' | 'replay', TextFlagDefinition> = {
  port: number('8787', 'where to listen; 0: any free port'),
  ...flags,
  record: text('add every exchange to a file', 'file'),
  replay: text('answer from such a file first', 'file'),
}

/** `fal-emulator`: listens until it is stopped. */
export const serveCommand: CommandDef<typeof serveFlags> = defineCommand({
  meta: {
    name: 'fal-emulator',
    description:
      'fal on your own machine: no key, no network. `fal-emulator exec -- <command>` runs a program against it.',
  },
  args: serveFlags,
  async run({ args }) {
    const emulator = await startEmulator({
      ...readFlags(args),
      port: toNumber('port', args.port),
      ...(args.record && { record: toFile(args.record) }),
      ...(args.replay && { replay: readFile(args.replay) }),
    })
    console.log(`fal-emulator listening on ${emulator.url}`)
    console.log(explainUse(emulator.url))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void emulator.close().then(() => process.exit(0)))
    }
  },
})

/** One exchange per line. */
function toFile(path: string): (exchange: RecordedExchange) => void {
  return (exchange) => appendFileSync(path, `${JSON.stringify(exchange)}\n`)
}

function readFile(path: string): RecordedExchange[] {
  // Written by `--record`.
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as RecordedExchange)
}

function explainUse(url: string): string {
  return `
Point a client at it:
  export FAL_BASE_URL=${url} FAL_KEY=emulator:any

or ask by hand:
  curl ${url}/fal.run/fal-ai/any-llm/stream -H "authorization: Key emulator:any" \\
    -H "content-type: application/json" -d '{"prompt": "/help"}'

Ctrl-C stops it.`
}
