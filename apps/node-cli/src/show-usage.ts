import { stripVTControlCharacters } from 'node:util'
import { defineCommand, renderUsage } from 'citty'
import { flags } from './arguments.ts'
import { exitCodes } from './exit-codes.ts'
import type { Screen } from './print/screen.ts'

const examples = `EXAMPLES

  fal-chat                                 a conversation
  fal-chat "What is a monad?"              one answer
  git diff | fal-chat "Review this"        one answer about what is piped in
  fal-chat --queue --continue "Go on"      through the queue, in the last conversation
  fal-chat --emulator                      try it without a key

ENVIRONMENT

  FAL_KEY        "key_id:secret" (or FAL_KEY_ID and FAL_KEY_SECRET)
  FAL_BASE_URL   another host than fal's own, such as fal-emulator
  XDG_DATA_HOME  where conversations are kept: fal-chat in there, or in ~/.local/share`

/** Prints what can be called, and resolves with the exit code. */
export async function showUsage({ say, isTerminal }: Screen): Promise<number> {
  const command = defineCommand({
    meta: { name: 'fal-chat', description: "A chat with fal's language models in the terminal." },
    args: flags,
  })
  const usage = (await renderUsage(command)).replaceAll(/ +$/gm, '')
  // citty looks at the environment only, not at where its words go.
  say(isTerminal ? usage : stripVTControlCharacters(usage))
  say(examples)
  return exitCodes.ok
}
