import { text } from 'node:stream/consumers'
import type { Settings } from '../arguments.ts'

/** Reads what is asked: the words of the command line, then what is piped in; undefined where a conversation is wanted. */
export async function readQuestion(
  { prompt, interactive }: Pick<Settings, 'prompt' | 'interactive'>,
  stdin: NodeJS.ReadStream,
): Promise<string | undefined> {
  if (interactive) return undefined
  if (stdin.isTTY) return prompt
  const piped = await text(stdin)
  return [prompt ?? '', piped.trimEnd()].filter((part) => part.trim() !== '').join('\n\n')
}
