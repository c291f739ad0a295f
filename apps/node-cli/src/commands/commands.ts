import { attachImage } from './attach-image.ts'
import { chooseEndpoint, chooseModel } from './choose.ts'
import type { Command } from './command.ts'
import { setQueue } from './set-queue.ts'
import { setSystem } from './set-system.ts'
import { showCost } from './show-cost.ts'
import { showHelp } from './show-help.ts'
import { showHistory } from './show-history.ts'

/** What a line that begins with a slash can do, by name. */
export const commands: Readonly<Record<string, Command>> = {
  model: {
    usage: '/model [id]',
    summary: 'which model answers; without an id, from a list',
    run: chooseModel,
  },
  endpoint: {
    usage: '/endpoint [id]',
    summary: "which of fal's endpoints is asked; without an id, from a list",
    run: chooseEndpoint,
  },
  system: {
    usage: '/system [text]',
    summary: 'the system prompt: sets it, shows it, and drops it with a dash',
    run: setSystem,
  },
  image: {
    usage: '/image <path|url>',
    summary: 'a picture for the next message; a file is sent to fal first',
    run: attachImage,
  },
  queue: {
    usage: '/queue [on|off]',
    summary: "through fal's queue, with position and log lines; survives a crash",
    run: setQueue,
  },
  cost: {
    usage: '/cost',
    summary: 'what this conversation used: what fal reported, and what is estimated',
    run: showCost,
  },
  history: { usage: '/history', summary: 'the conversation so far', run: showHistory },
  retry: {
    usage: '/retry',
    summary: 'tries a failed answer again',
    async run({ session, screen }) {
      const message = await session.retry()
      if (!message) screen.note('No answer failed; /regenerate asks for another one.')
    },
  },
  regenerate: {
    usage: '/regenerate',
    summary: 'another answer to the last message; the one before is kept',
    run: async ({ session }) => void (await session.regenerate()),
  },
  clear: {
    usage: '/clear',
    summary: 'begins a new conversation; this one stays on disk',
    run({ session, screen }) {
      session.startAnew()
      screen.say('A new conversation.')
    },
  },
  help: { usage: '/help', summary: 'this list', run: ({ screen }) => showHelp(screen, commands) },
  exit: { usage: '/exit', summary: 'leaves; Ctrl-D does, too', run: () => 'leave' },
}
