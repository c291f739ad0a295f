/** One turn of a conversation. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** The beginning of a turn: a speaker at the left edge. */
const turnStart = /^(User|Assistant):[ \t]?/

/**
 * Reads a prompt as a conversation: lines beginning with "User:" or "Assistant:" start a turn, the lines below
 * belong to it (indented by two spaces, as our own client writes them). A prompt without such a line is one turn.
 */
export function readTurns(prompt: string): readonly Turn[] {
  const lines = prompt.split('\n')
  if (!lines.some((line) => turnStart.test(line))) return [{ role: 'user', text: prompt }]
  const turns: { role: Turn['role']; lines: string[] }[] = []
  for (const line of lines) {
    const [label, speaker] = turnStart.exec(line) ?? []
    if (label === undefined) turns.at(-1)?.lines.push(line.replace(/^ {2}/, ''))
    else
      turns.push({
        role: speaker === 'User' ? 'user' : 'assistant',
        lines: [line.slice(label.length)],
      })
  }
  return turns.map((turn) => ({ role: turn.role, text: turn.lines.join('\n').trimEnd() }))
}
