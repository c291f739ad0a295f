// A conversation as one prompt, for endpoints that take no messages. Turns begin at the left edge with the speaker's
// name; every further line of a turn is indented, and one that looks like a speaker is escaped as well, so nothing a
// turn says can begin a turn.

/** A turn of a transcript. */
export interface TranscriptTurn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** Tells the model how to read a transcript; goes before the user's own system prompt. */
export const transcriptInstruction: string =
  'The prompt is a conversation. Each turn starts with "User:" or "Assistant:" at the beginning of a line; ' +
  'indented lines belong to the turn above them. Write the next turn of the assistant: the reply only, ' +
  'without a label and without indentation.'

const speakers = { user: 'User', assistant: 'Assistant' } as const

/** Writes turns as one text. A single user turn is its own text, unchanged. Never throws. */
export function writeTranscript(turns: readonly TranscriptTurn[]): string {
  const [first] = turns
  if (turns.length === 1 && first?.role === 'user') return first.text
  return turns.map((turn) => `${speakers[turn.role]}: ${indent(turn.text)}`).join('\n\n')
}

// Unicode knows more line ends than \n, and a model may read any of them as one.
const lineEnds = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/
const looksLikeSpeaker = /^(\W*(?:user|assistant|system|human|ai)\W*?)([:：])/i

function indent(text: string): string {
  return text
    .split(lineEnds)
    .map((line, index) => (index === 0 ? line : `  ${line}`.trimEnd()))
    .map((line, index) => (index === 0 ? line : line.replace(looksLikeSpeaker, '$1\\$2')))
    .join('\n')
}
