// One text for every contender, so that lengths compare: the demo shows it as Markdown, everyone else as it stands.

const section = (index: number): string => `## Step ${index}: keep what is finished

A long answer grows at its **end**, and nearly all of it is done by the time the next word comes.
What was read once need not be read again, and what was laid out once need not move.

- A paragraph is done when the next one begins
- A list item is done when the line after it is *whole*
- A fence is done when \`it closes\`, and not before
- See [the notes](https://example.com/notes/${index}) for the rest

\`\`\`ts
const step${index} = await answer.read({ from: ${index * 40}, words: 40 })
for (const word of step${index}.words) {
  if (word.isLast) break
  screen.append(word.text)
}
\`\`\`

The order matters, because each of these builds on the one before:

1. Read the words that are new
2. Find the block that they belong to
3. Change that block, and leave the others alone

`

/** A realistic Markdown text in tokens of about four characters, as a model would write it. */
export function tokensOfText(count: number): readonly string[] {
  const tokens: string[] = []
  for (let index = 1; tokens.length < count; index++) {
    tokens.push(...(section(index).match(/\s?[^\s]{1,5}|\s/g) ?? []))
  }
  return tokens.slice(0, count)
}
