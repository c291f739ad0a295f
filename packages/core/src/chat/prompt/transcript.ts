// A conversation as one prompt, for endpoints that take no messages. Turns begin at the left edge with the speaker's
// name; every further line of a turn is indented, and one that looks like a speaker is escaped as well, so nothing a
// turn says can begin a turn.

/** A turn of a transcript. */
export interface TranscriptTurn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

const format =
  'The prompt is a conversation. Each turn starts with "User:" or "Assistant:" at the beginning of a line; ' +
  'indented lines belong to the turn above them. '
const manner = 'without a label and without indentation.'

/** Tells the model how to read a transcript; goes before the user's own system prompt. */
export const transcriptInstruction: string = `${format}Write the next turn of the assistant: the reply only, ${manner}`

/** Tells the model how to go on with the answer that a transcript ends with; stands in for `transcriptInstruction`. */
export const continueInstruction: string =
  `${format}The last turn, the assistant's, is not finished. Go on exactly where it ends: ` +
  `only what follows its last character, nothing that is already there, ${manner}`

const speakers = { user: 'User', assistant: 'Assistant' } as const

/** Whether turns are written as a transcript: a single user turn is sent as it was typed. */
export function isTranscript(turns: readonly TranscriptTurn[]): boolean {
  return turns.length !== 1 || turns[0]?.role !== 'user'
}

/** Writes turns as one text that ends with the last turn's last character. */
export function writeTranscript(turns: readonly TranscriptTurn[]): string {
  if (!isTranscript(turns)) return turns[0]?.text ?? ''
  return turns.map(writeTurn).join('\n\n')
}

/** Writes one turn as it stands in a transcript. */
export function writeTurn({ role, text }: TranscriptTurn): string {
  return `${speakers[role]}: ${indent(text)}`
}

// Every line end of Unicode and of Python's splitlines(): a model may have learned to read any of them as one.
// oxlint-disable-next-line no-control-regex -- the separators U+001C to U+001E are line ends too
const lineEnds = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/
const looksLikeSpeaker = /^(\W*(?:user|assistant|system|human|ai)\W*?)([:：])/i

function indent(text: string): string {
  const [first, ...others] = text.split(lineEnds)
  // Spaces at the end of a line stay: an answer that is gone on with ends with them.
  const indented = others.map((line) => line && `  ${line}`.replace(looksLikeSpeaker, '$1\\$2'))
  return [first, ...indented].join('\n')
}
