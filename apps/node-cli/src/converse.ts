import { autocomplete, isCancel } from '@clack/prompts'
import { FalLlmError } from '@fal-llm/core'
import { commands } from './commands.ts'
import type { CommandContext, PickList } from './commands.ts'
import type { Conversation } from './conversation.ts'
import { printMessage, toFailureSentence } from './describe-answer.ts'
import type { LineReader } from './read-lines.ts'
import { toPrintable } from './screen.ts'
import type { Screen } from './screen.ts'
import { UsageError } from './usage-error.ts'

/** What a conversation with a person needs. */
export interface ConverseParts {
  readonly conversation: Conversation
  readonly screen: Screen
  readonly reader: LineReader
  /** The first message, where the command line has one. */
  readonly prompt: string | undefined
  /** Where answers come from: an endpoint's id, or "the emulator". */
  readonly where: string
  /** Whether an earlier conversation was asked for, and is there. */
  readonly continues: 'no' | 'yes' | 'nothing to continue'
  readonly isKept: boolean
}

/** How many earlier messages are printed when a conversation is continued. */
const printedMessages = 2

/** Converses until the person leaves. A failure is printed, and the conversation goes on. */
export async function converse(parts: ConverseParts): Promise<void> {
  const { conversation, screen, reader, prompt } = parts
  greet(parts)
  if (parts.continues === 'yes') await continueLast(conversation, screen)
  if (prompt !== undefined) await conversation.send(prompt)
  const pick = screen.isTerminal ? pickAtTerminal : printList(screen)
  for (let text = await reader.read(); text !== undefined; text = await reader.read()) {
    const outcome = await act({ conversation, screen, pick }, parseLine(text)).catch((error) =>
      screen.note(screen.palette.alarm(explain(error))),
    )
    if (outcome === 'leave') break
  }
  const isKept = parts.isKept && conversation.chat.getState().messages.length > 0
  if (screen.isTerminal && isKept) {
    screen.print(screen.palette.dim('fal-chat --continue goes on here.'))
  }
}

function greet({ conversation, screen, where, continues }: ConverseParts): void {
  const { note, palette, isTerminal } = screen
  if (isTerminal) {
    note(`${palette.bold(conversation.choice.model)} ${palette.dim(`on ${where}`)}`)
    note(palette.dim('/help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves.'))
  }
  if (continues === 'nothing to continue') {
    note(palette.dim('There is no earlier conversation; this is a new one.'))
  }
  const hidden = conversation.chat.getState().messages.length - printedMessages
  if (hidden > 0) note(palette.dim(`${hidden} earlier messages; /history shows them.`))
}

/** Prints the last messages, and continues an answer that was cut off where that can be. */
async function continueLast(conversation: Conversation, screen: Screen): Promise<void> {
  const { messages } = conversation.chat.getState()
  const last = messages.at(-1)
  const cutOff = last?.status === 'interrupted' ? last : undefined
  for (const message of messages.slice(-printedMessages)) {
    if (message !== cutOff) printMessage(screen, message)
  }
  const resumed = await conversation.resume('printed')
  if (cutOff && !resumed) printMessage(screen, cutOff)
}

/** A typed line. */
export type Line =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'command'; readonly name: string; readonly argument: string }
  | { readonly type: 'nothing' }

/** Reads a typed line: a slash begins a command, two begin a text with one slash. */
export function parseLine(line: string): Line {
  const text = line.trim()
  if (text === '') return { type: 'nothing' }
  if (text.startsWith('//')) return { type: 'text', text: text.slice(1) }
  const [, name, argument = ''] = /^\/([^\s/]*)(?:\s+([\s\S]*))?$/.exec(text) ?? []
  if (name === undefined) return { type: 'text', text }
  return { type: 'command', name: name.toLowerCase(), argument: argument.trim() }
}

async function act(context: CommandContext, line: Line): Promise<'leave' | void> {
  if (line.type === 'text') await context.conversation.send(line.text)
  if (line.type !== 'command') return
  const { name, argument } = line
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command) return command.run(context, argument)
  const asMessage = toPrintable(`//${name} ${argument}`.trim())
  throw new UsageError(
    `There is no command /${name}; /help lists those there are. As a message: ${asMessage}`,
  )
}

function explain(error: unknown): string {
  if (error instanceof FalLlmError) return toFailureSentence(error)
  if (error instanceof UsageError) return error.message
  throw error
}

/** Lets a person choose by typing or with the arrows; Ctrl-C or Escape chooses nothing. */
async function pickAtTerminal(list: PickList): Promise<string | undefined> {
  const chosen = await autocomplete({
    message: list.question,
    options: list.entries.map(({ id, ...hint }) => ({ value: id, ...hint })),
    initialValue: list.current,
    maxItems: 10,
  })
  return isCancel(chosen) ? undefined : chosen
}

/** Prints the list where nobody can choose from it. */
function printList({ print }: Screen): (list: PickList) => Promise<undefined> {
  return async ({ entries, current }) => {
    for (const { id, hint } of entries) {
      print(`${id === current ? '*' : ' '} ${id}${hint === undefined ? '' : `  (${hint})`}`)
    }
    return undefined
  }
}
