const loremWords =
  'the quick brown fox jumps over the lazy dog while a stream of small words keeps coming'.split(
    ' ',
  )

/** Writes exactly `wordCount` words, in sentences and paragraphs; the same each time. */
export function longText(wordCount: number): string {
  let text = ''
  for (let index = 0; index < wordCount; index++) {
    const word = loremWords[index % loremWords.length] ?? ''
    const begins = index % 12 === 0
    const ends = index % 12 === 11 || index === wordCount - 1
    const gap = index === 0 ? '' : index % 60 === 0 ? '\n\n' : ' '
    text += gap + (begins ? word[0]?.toUpperCase() + word.slice(1) : word) + (ends ? '.' : '')
  }
  return text
}

/** Every construct a Markdown renderer should know. */
export const markdownShowcase = `# Heading one

## Heading two

### Heading three

A paragraph with **bold**, *italic*, ***both***, ~~struck~~, \`inline code\` and a
[link](https://fal.ai/models). Its second line ends the paragraph.

- a list
- of items
  - with a nested one
    - and one more
- [ ] something to do
- [x] something done

1. first
2. second
3. third

> A quotation
>
> > inside a quotation

| model | tokens | cost |
| :--- | ---: | :---: |
| google/gemini-2.5-flash | 227 | $0.0005795 |
| anthropic/claude-3.7-sonnet | 12 | – |

\`\`\`ts
const answer: string = await ask('What is the meaning of life?')
\`\`\`

---

An escaped \\*star\\*, an entity &amp; and a line that is quite a bit longer than the others so that it has to be wrapped on every screen there is.`

/** Code in several languages, one of them with the characters that break naive highlighters. */
export const codeShowcase = `Three ways to say it.

\`\`\`python
def greet(name: str) -> str:
    return f"Hello, {name}!"
\`\`\`

\`\`\`html
<p class="greeting">Hello &amp; <em>welcome</em></p>
<script>alert("this is text, not a script")</script>
\`\`\`

\`\`\`sh
curl --request POST --url "$FAL_BASE_URL/fal.run/fal-ai/any-llm" --data '{"prompt":"hi"}'
\`\`\`

And inline: \`a < b && c > d\`.`

/** What breaks when bytes are cut in the wrong place. */
export const unicodeShowcase = `Emoji: 😀 👩‍💻 🏳️‍🌈 👍🏽 🇫🇷 — one each, some of them many code points.
Combining: e\u0301 a\u0308 n\u0303 o\u0302\u0323, and Zalgo t\u0336\u0351e\u0335\u0346x\u0334\u0359t.
Right to left: مرحبا بالعالم, שלום עולם, and back to English.
East Asian: 你好，世界。こんにちは。안녕하세요.
Outside the basic plane: 𝒜𝓁𝓅𝒽𝒶, 𐍈, 𠜎, 🀄.
Invisible: zero\u200bwidth, soft\u00adhyphen, no\u00a0break, line\u2028separator, byte order \ufeffmark.
Ends with a wide one: 🙂`
