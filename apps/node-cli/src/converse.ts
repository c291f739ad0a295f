import { FalLlmError } from '@fal-llm/core'
import type { Command, Desk } from './commands/command.ts'
import { commands } from './commands/commands.ts'
import { Misuse } from './misuse.ts'
import { parseLine } from './parse-line.ts'
import type { Line } from './parse-line.ts'
import { toFailureSentence } from './print/failure-sentence.ts'
import type { LineReader } from './read/line-reader.ts'

/** Holds a conversation until someone leaves. What goes wrong is said, and the conversation goes on. */
export async function converse(desk: Desk, reader: LineReader): Promise<void> {
  for (;;) {
    const text = await reader.read()
    if (text === undefined) return
    const outcome = await act(desk, parseLine(text)).catch((error: unknown) => {
      desk.screen.note(desk.screen.palette.alarm(explain(error)))
    })
    if (outcome === 'leave') return
  }
}

async function act(desk: Desk, line: Line): Promise<'leave' | void> {
  if (line.type === 'text') await desk.session.say(line.text)
  if (line.type === 'command') return find(line).run(desk, line.argument)
}

function find({ name, argument }: Extract<Line, { type: 'command' }>): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command) return command
  const words = `/${name} ${argument}`.trim()
  throw new Misuse(
    `There is no command /${name}; /help lists those there are. As a message: /${words}`,
  )
}

function explain(error: unknown): string {
  if (error instanceof FalLlmError) return toFailureSentence(error)
  if (error instanceof Misuse) return error.message
  throw error
}
