import { formatCost } from '@fal-llm/app-shared/text/format'
import { endpoints } from '@fal-llm/core'
import type { Endpoint, Usage } from '@fal-llm/core'
import { endpointForImages, findEndpoint, findModel, moveTo } from './choice.ts'
import type { Conversation } from './conversation.ts'
import { printMessage } from './describe-answer.ts'
import { toPrintable } from './screen.ts'
import type { Screen } from './screen.ts'
import { UsageError } from './usage-error.ts'

/** What a command works on. */
export interface CommandContext {
  readonly conversation: Conversation
  readonly screen: Screen
  /** Lets a person choose from a list; undefined when they choose nothing. */
  pick(list: PickList): Promise<string | undefined>
}

/** A list to choose from. */
export interface PickList {
  readonly question: string
  readonly entries: readonly { readonly id: string; readonly hint?: string }[]
  /** The id that is chosen now. */
  readonly current: string
}

/** What a line that begins with a slash does. */
export interface Command {
  /** How it is written, "/model [id]". */
  readonly usage: string
  readonly summary: string
  /**
   * Does it; 'leave' ends the conversation.
   *
   * @throws UsageError when it cannot be done.
   */
  run(context: CommandContext, argument: string): Promise<'leave' | void> | 'leave' | void
}

const allEndpoints: readonly Endpoint[] = Object.values(endpoints)

/** The commands, by name. */
export const commands: Readonly<Record<string, Command>> = {
  model: {
    usage: '/model [id]',
    summary: 'the model that answers; without an id, from a list',
    async run({ conversation, screen, pick }, argument) {
      const { choice } = conversation
      const entries = choice.endpoint.models.map(({ id, premium }) => ({
        id,
        ...(premium && { hint: 'premium: ten times the price' }),
      }))
      const list = { question: 'Which model?', entries, current: choice.model }
      const wanted = argument || (await pick(list))
      if (wanted === undefined) return
      const model = findModel(choice.endpoint, wanted)
      conversation.choose({ ...choice, model })
      screen.print(`${model} answers from now on.`)
    },
  },
  endpoint: {
    usage: '/endpoint [id]',
    summary: "which of fal's endpoints is asked; without an id, from a list",
    async run({ conversation, screen, pick }, argument) {
      const entries = allEndpoints.map(({ id, supports }) => ({
        id,
        ...(supports.images && { hint: 'takes images' }),
      }))
      const current = conversation.choice.endpoint.id
      const wanted = argument || (await pick({ question: 'Which endpoint?', entries, current }))
      if (wanted === undefined) return
      conversation.choose(moveTo(conversation.choice, findEndpoint(wanted)))
      const { endpoint, model } = conversation.choice
      screen.print(`${endpoint.id} is asked from now on; ${model} answers.`)
    },
  },
  system: {
    usage: '/system [text]',
    summary: 'the system prompt: sets it, shows it, and drops it with a dash',
    run({ conversation: { choice, choose }, screen }, argument) {
      if (argument === '') return screen.print(toPrintable(choice.system) || 'No system prompt.')
      const system = argument === '-' ? '' : argument
      choose({ ...choice, system })
      screen.print(system === '' ? 'No system prompt from now on.' : 'The system prompt is set.')
    },
  },
  image: {
    usage: '/image <path|url>',
    summary: 'an image for the next message; a file is uploaded to fal first',
    async run({ conversation, screen }, argument) {
      if (argument === '') throw new UsageError('Name an image: /image <path|url>.')
      await conversation.attach(argument)
      const url = conversation.images.at(-1) ?? ''
      const { endpoint } = conversation.choice
      const other = endpointForImages(endpoint)
      const where = other === endpoint ? '' : `, to ${other.id}, which takes images`
      screen.print(
        `${url.startsWith('data:') ? 'An image' : url} goes with the next message${where}.`,
      )
    },
  },
  queue: {
    usage: '/queue [on|off]',
    summary: "through fal's queue, with position and log lines; survives a crash",
    run({ conversation: { choice, choose }, screen }, argument) {
      const words = new Map([
        ['', !choice.throughQueue],
        ['on', true],
        ['off', false],
      ])
      const throughQueue = words.get(argument.toLowerCase())
      if (throughQueue === undefined) throw new UsageError('Write /queue on or /queue off.')
      choose({ ...choice, throughQueue })
      if (throughQueue) {
        screen.print('Through the queue: an answer comes whole, and survives a crash.')
      } else if (choice.endpoint.supports.stream) {
        screen.print('Streamed: an answer shows while it is written.')
      } else {
        screen.print('This endpoint does not stream: answers still come through the queue.')
      }
    },
  },
  cost: {
    usage: '/cost',
    summary: 'what this conversation used: what fal reported, and what is estimated',
    run({ conversation, screen: { print } }) {
      const { usage } = conversation.chat.getState()
      if (usage.turns === 0) return print('Nothing was used yet.')
      const models = Object.entries(usage.byModel)
      const width = Math.max(...models.map(([model]) => model.length))
      for (const [model, used] of models) print(`${model.padEnd(width)}  ${describeUsage(used)}`)
      if (models.length > 1) print(`${'all'.padEnd(width)}  ${describeUsage(usage)}`)
      if (usage.estimated) {
        print(
          '≈ holds an estimate: fal did not report every answer, so its characters are counted.',
        )
      }
    },
  },
  history: {
    usage: '/history',
    summary: 'the conversation so far',
    run({ conversation, screen }) {
      const { messages } = conversation.chat.getState()
      if (messages.length === 0) screen.print('Nothing was said yet.')
      for (const message of messages) printMessage(screen, message)
    },
  },
  retry: {
    usage: '/retry',
    summary: 'tries a failed answer again',
    async run({ conversation, screen }) {
      const message = await conversation.retry()
      if (!message) screen.note('No answer failed; /regenerate asks for another one.')
    },
  },
  regenerate: {
    usage: '/regenerate',
    summary: 'another answer to the last message; the one before is kept',
    run: async ({ conversation }) => void (await conversation.regenerate()),
  },
  clear: {
    usage: '/clear',
    summary: 'begins a new conversation; this one stays on disk',
    run({ conversation, screen }) {
      conversation.clear()
      screen.print('A new conversation.')
    },
  },
  help: {
    usage: '/help',
    summary: 'this list',
    run({ screen: { print, palette } }) {
      const list = Object.values(commands)
      const width = Math.max(...list.map(({ usage }) => usage.length))
      for (const { usage, summary } of list) {
        print(`${palette.accent(usage.padEnd(width))}  ${summary}`)
      }
      print('\nA message that begins with a slash is written with two.')
      print('A line that ends with \\ continues on the next one.')
    },
  },
  exit: { usage: '/exit', summary: 'leaves; so does Ctrl-D', run: () => 'leave' },
}

/** What fal reported is a figure; an estimate has a ≈ before it and no price. */
function describeUsage({ promptTokens, completionTokens, costUsd, estimated }: Usage): string {
  const about = estimated ? '≈ ' : ''
  const tokens = `${about}${promptTokens} tokens read, ${about}${completionTokens} written`
  if (costUsd === undefined) return `${tokens}, cost not reported`
  const part = estimated ? ' for a part of it' : ''
  return `${tokens}, ${formatCost(costUsd)} reported by fal${part}`
}

/** Completes a line for Tab: a command's name, or the id after /model or /endpoint. */
export function completeLine(line: string): [string[], string] {
  const [, command, started = ''] = /^\/(model|endpoint)\s+(\S*)$/.exec(line) ?? []
  if (command === undefined) {
    const names = line.startsWith('/') ? Object.keys(commands).map((name) => `/${name} `) : []
    return [names.filter((name) => name.startsWith(line)), line]
  }
  const models = allEndpoints.flatMap((endpoint) => endpoint.models.map(({ id }) => id))
  const ids = command === 'model' ? new Set(models) : allEndpoints.map(({ id }) => id)
  return [[...ids].filter((id) => id.startsWith(started)), started]
}
